import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// The steps of a restore: originals, sizes, then the catalog, which makes it a data folder.
package struct Restoring {
    private let configuration: Configuration
    private let backup: BackupFolder
    private let media: any MediaStore
    private var folders: DataFolders { configuration.folders }

    package init(_ configuration: Configuration, _ backup: BackupFolder) {
        self.configuration = configuration
        self.backup = backup
        media = MediaEngine.open(configuration.folders)
    }

    package func run() throws {
        guard !FileManager.default.fileExists(atPath: folders.catalog) else {
            throw Unusable(
                "\(folders.catalog) is there: stop everything and move it away with its -wal, or set "
                    + "MULTIRES_DATA to an empty folder. To bring back lost originals alone, add "
                    + "--originals.")
        }
        try media.prepare()
        let lock = try FileLock(path: folders.run + "/serve.lock")
        guard try lock.tryLock(.exclusive), !Workers.areRunning(folders) else {
            throw Unusable("\(folders.root) is being served: stop everything first.")
        }
        let source = try CatalogEngine.open(copy: backup.catalog)
        try source.quickCheck()
        let lost = try copyFiles(of: source)
        if access(folders.presets, F_OK) != 0 {
            _ = try CheckedCopy.copy(
                backup.paths.folders.presets, to: folders.presets,
                through: folders.incoming + "/restore", digest: nil)
        }
        let (images, remade) = try placeCatalog()
        print("\(images) images restored; \(remade) want sizes, made once the service runs")
        guard lost == 0 else {
            throw Unusable("\(lost) originals are not in the backup as they were uploaded.")
        }
    }

    // MARK: Files

    /// Returns how many originals the backup does not have.
    private func copyFiles(of source: any Catalog) throws -> Int {
        let progress = Progress(
            "restoring images", of: try source.images.totals().values.reduce(0) { $0 + $1.images })
        defer { progress.finish() }
        var lost = 0
        try source.images.visitInventory { stored in
            if try !copyOriginal(stored) {
                lost += 1
                print("image \(stored.image.id): no sound original")
            }
            try copySizes(of: stored.image)
            progress.advance()
        }
        return lost
    }

    /// One that is there and sound stays: a restore cut short, or a data folder that lost only its
    /// catalog.
    private func copyOriginal(_ stored: StoredImage) throws -> Bool {
        let (id, format) = (stored.image.id, stored.image.format)
        let target = MediaPath(folders).original(id, format)
        if try CheckedCopy.digest(of: target) == stored.digest { return true }
        let outcome = try CheckedCopy.copy(
            backup.paths.original(id, format), to: target,
            through: folders.incoming + "/restore", digest: stored.digest)
        if case .copied = outcome { return true }
        return false
    }

    /// All of an image's or none: what is not whole is made again.
    private func copySizes(of image: Image) throws {
        func areWhole(_ media: any MediaStore) throws -> Bool {
            try image.variants.allSatisfy { try media.length(of: $0, of: image.id) == $0.bytes }
        }
        guard !image.variants.isEmpty, try !areWhole(media), try areWhole(backup.media) else {
            return
        }
        let job = "\(folders.incoming)/restore-\(image.id)"
        _ = try Files.removeTree(job)
        try Files.makeFolder(job)
        for variant in image.variants {
            _ = try CheckedCopy.copy(
                backup.paths.variant(variant, of: image.id),
                to: "\(job)/\(variant.fileName)", through: folders.incoming + "/restore",
                digest: nil)
        }
        try media.publish(job, as: image.id)
    }

    // MARK: The catalog

    /// Brought up to date and made to agree with the disk before it takes its place.
    private func placeCatalog() throws -> (images: Int, remade: Int) {
        let draft = folders.catalog + ".restored"
        for leftover in [draft, draft + "-journal"] { unlink(leftover) }
        _ = try CheckedCopy.copy(
            backup.catalog, to: draft, through: draft + ".part", digest: nil)
        try CatalogEngine.prepare(draft: draft)
        let catalog = try CatalogEngine.open(draft: draft)
        for worker in try catalog.queue.holders() { try catalog.queue.releaseAll(of: worker) }
        let remade = try Losses(catalog, media).remakeSizes()
        let images = try catalog.images.totals().values.reduce(0) { $0 + $1.images }
        try setAside(whatIsNotIn: catalog)
        let operations = Operations(configuration, catalog, environment: [:])
        for step in Sweeper(operations).steps { _ = try step.run() }
        try catalog.close()
        for leftover in [draft + ".lock", draft + "-journal"] { unlink(leftover) }
        // SQLite would take the log of a catalog that was moved away for this one's.
        for suffix in ["-wal", "-shm", "-journal"] {
            let log = folders.catalog + suffix
            guard FileManager.default.fileExists(atPath: log) else { continue }
            // Its commits may be all that is left of some rows: never over an earlier one.
            let name = "\(folders.recovered)/catalog.sqlite3\(suffix).\(UUID().uuidString)"
            try Files.move(log, to: name)
        }
        // Password hashes are in it: only its owner may read it.
        try Files.publish(draft, as: folders.catalog, mode: 0o600)
        try DataFolder.openCatalog(configuration)
        // A backup has none, and somebody who restores knows what that costs.
        try DataFolder.makeSecrets(folders)
        return (images, remade)
    }

    /// Photos that came after the backup, in a data folder that lost its catalog alone; and what the
    /// backup's service had set aside itself.
    private func setAside(whatIsNotIn catalog: any Catalog) throws {
        var count = 0
        try Orphans(catalog, media, olderThan: .zero).visit { id in
            if try media.setAside(id) { count += 1 }
        }
        try backup.media.visitRecovered { path in
            let target = "\(folders.recovered)/\(URL(fileURLWithPath: path).lastPathComponent)"
            guard access(target, F_OK) != 0 else { return }
            _ = try CheckedCopy.copy(
                path, to: target, through: folders.incoming + "/restore", digest: nil)
        }
        if count > 0 {
            print(
                "\(count) photos that came after the backup lie in \(folders.recovered): see "
                    + "\"multires images recover\"")
        }
    }
}
