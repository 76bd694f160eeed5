import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// Restores a backup: first originals and variants, then the catalog, which makes it a data folder.
package struct BackupRestore {
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
            throw ConfigurationError(
                "\(folders.catalog) already exists. Stop the service, and move the file away "
                    + "together with its -wal file, or set MULTIRES_DATA to an empty folder. To "
                    + "restore only missing originals, add --originals.")
        }
        try media.prepare()
        let lock = try FileLock(path: folders.run + "/serve.lock")
        guard try lock.tryLock(.exclusive), !Workers.areRunning(folders) else {
            throw ConfigurationError("\(folders.root) is being served. Stop the service first.")
        }
        let source = try CatalogEngine.open(copy: backup.catalog)
        try source.quickCheck()
        let lost = try copyFiles(of: source)
        if access(folders.presets, F_OK) != 0 {
            _ = try CheckedCopy.copy(
                backup.paths.folders.presets, to: folders.presets,
                through: folders.incoming + "/restore", digest: nil)
        }
        let (images, repaired) = try placeCatalog()
        var summary = HumanReadable.count(images, "image") + " restored"
        if repaired > 0 {
            summary +=
                "; the sizes of \(HumanReadable.count(repaired, "image")) will be rendered when "
                + "the service runs"
        }
        print(summary)
        guard lost == 0 else {
            throw ConfigurationError(
                HumanReadable.count(lost, "original is", "originals are")
                    + " missing or damaged in the backup.")
        }
    }

    // MARK: Files

    /// Returns the number of originals that are missing or damaged in the backup.
    private func copyFiles(of source: any Catalog) throws -> Int {
        let progress = Progress(
            "restoring images", of: try source.images.totals().values.reduce(0) { $0 + $1.images })
        defer { progress.finish() }
        var lost = 0
        try source.images.visitInventory { stored in
            if try !copyOriginal(stored) {
                lost += 1
                print("image \(stored.image.id): the original is missing or damaged")
            }
            try copySizes(of: stored.image)
            progress.advance()
        }
        return lost
    }

    /// An intact original in the data folder stays: an earlier restore was interrupted, or only the catalog
    /// was lost. False if the backup has no intact original.
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

    /// Copies all variants of an image, or none: an incomplete set is rendered again.
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

    /// The catalog is upgraded and made consistent with the disk before it is moved to its place.
    private func placeCatalog() throws -> (images: Int, repaired: Int) {
        let draft = folders.catalog + ".restored"
        for leftover in [draft, draft + "-journal"] { unlink(leftover) }
        _ = try CheckedCopy.copy(
            backup.catalog, to: draft, through: draft + ".part", digest: nil)
        try CatalogEngine.prepare(draft: draft)
        let catalog = try CatalogEngine.open(draft: draft)
        for worker in try catalog.queue.holders() { try catalog.queue.releaseAll(of: worker) }
        let repaired = try Losses(catalog, media).repairVariants()
        let images = try catalog.images.totals().values.reduce(0) { $0 + $1.images }
        try moveToRecovered(whatIsNotIn: catalog)
        let operations = Operations(configuration, catalog, environment: [:])
        for step in Sweeper(operations).steps { _ = try step.run() }
        try catalog.close()
        for leftover in [draft + ".lock", draft + "-journal"] { unlink(leftover) }
        // SQLite would take the log of a catalog that was moved away for the log of this one.
        for suffix in ["-wal", "-shm", "-journal"] {
            let log = folders.catalog + suffix
            guard FileManager.default.fileExists(atPath: log) else { continue }
            // It may have the only copy of some rows, so it must not replace an earlier log.
            let name = "\(folders.recovered)/catalog.sqlite3\(suffix).\(UUID().uuidString)"
            try Files.move(log, to: name)
        }
        // It contains password hashes, so only its owner may read it.
        try Files.publish(draft, as: folders.catalog, mode: 0o600)
        try DataFolder.openCatalog(configuration)
        // A backup has no secrets. No --new-secrets is needed: `backup --help` states that users must sign
        // in again.
        try DataFolder.makeSecrets(folders)
        return (images, repaired)
    }

    /// Moves originals that the catalog does not have to `recovered/`: if only the catalog was lost, they are
    /// newer than the backup. Also copies the originals in the backup's `recovered/`.
    private func moveToRecovered(whatIsNotIn catalog: any Catalog) throws {
        var count = 0
        try Orphans(catalog, media, olderThan: .zero).visit { id in
            if try media.moveToRecovered(id) { count += 1 }
        }
        try backup.media.visitRecovered { path in
            let target = "\(folders.recovered)/\(URL(fileURLWithPath: path).lastPathComponent)"
            guard access(target, F_OK) != 0 else { return }
            _ = try CheckedCopy.copy(
                path, to: target, through: folders.incoming + "/restore", digest: nil)
        }
        if count > 0 {
            print(
                HumanReadable.count(count, "original that is", "originals that are")
                    + " newer than the backup: in \(folders.recovered); see \"multires images recover\""
            )
        }
    }
}
