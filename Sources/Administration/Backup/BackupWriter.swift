import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// Makes a backup. It copies the catalog first, as of one moment, and then the files: a file that is newer
/// than the copied catalog is only unused, but a row without its file would be lost data. The new catalog
/// replaces the previous one last, so that the previous backup stays complete until then.
package struct BackupWriter {
    package struct Tally {
        package var images = 0
        package var copied = 0
        package var bytes: Int64 = 0
        /// Images that were deleted after the catalog was copied.
        package var deleted = 0
        /// Originals that are missing or damaged on the service's disk.
        package var lost = 0
    }

    private let live: any Catalog
    private let folders: DataFolders
    private let source: any MediaStore
    private let folder: BackupFolder
    private let originalsOnly: Bool
    private let verify: Bool
    private let manyDeleted: Bool
    private var tally = Tally()

    package init(
        _ live: any Catalog, _ folders: DataFolders, to folder: BackupFolder,
        originalsOnly: Bool, verify: Bool, manyDeleted: Bool
    ) {
        self.live = live
        self.folders = folders
        source = MediaEngine.open(folders)
        (self.folder, self.originalsOnly, self.verify) = (folder, originalsOnly, verify)
        self.manyDeleted = manyDeleted
    }

    package mutating func run() throws -> Tally {
        // SQLite would take the journal that a killed backup left for that of the new draft, and undo pages.
        for leftover in [folder.draft, folder.draft + "-journal"] { unlink(leftover) }
        try live.copy(to: folder.draft)
        let copy = try CatalogEngine.open(draft: folder.draft)
        try refuseAnotherCatalog(copy)
        let total = try copy.images.totals().values.reduce(0) { $0 + $1.images }
        let progress = Progress("copying images", of: total)
        defer { progress.finish() }
        try copy.images.visitInventory { stored in
            try keep(stored, in: copy)
            progress.advance()
        }
        try keepPreset()
        try keepRecovered()
        try copy.close()
        for leftover in [folder.draft + ".lock", folder.draft + "-journal"] { unlink(leftover) }
        // It contains password hashes, so only its owner may read it.
        try Files.publish(folder.draft, as: folder.catalog, mode: 0o600)
        return tally
    }

    /// Throws if the service seems to have lost its catalog, or to be another service. Otherwise this catalog
    /// would replace the backup's, and `--prune` would remove every image that is not in it.
    private func refuseAnotherCatalog(_ copy: any Catalog) throws {
        guard !manyDeleted else { return }
        let (originals, orphans) = try Orphans(copy, folder.media, olderThan: .zero).count()
        let isEmpty = try originals > 0 && !copy.accounts.hasAccounts()
        guard isEmpty || CatalogMismatch.isTooMany(orphans, of: originals) else { return }
        throw ConfigurationError(
            "\(orphans) of the \(originals) originals in \(folder.path) are not in the catalog. "
                + "Back up to another folder, or add --many-deleted if so many images were "
                + "deleted.")
    }

    private func keepRecovered() throws {
        let place = folder.paths.folders.recovered
        try source.visitRecovered { path in
            let target = "\(place)/\(URL(fileURLWithPath: path).lastPathComponent)"
            guard access(target, F_OK) != 0 else { return }
            _ = try CheckedCopy.copy(path, to: target, through: folder.part, digest: nil)
        }
    }

    /// The preset file, if the data folder has one.
    private func keepPreset() throws {
        let target = folder.paths.folders.presets
        let outcome = try CheckedCopy.copy(
            folders.presets, to: target, through: folder.part, digest: nil)
        if case .missing = outcome { unlink(target) }
    }

    private mutating func keep(_ stored: StoredImage, in copy: any Catalog) throws {
        let image = stored.image
        let target = folder.paths.original(image.id, image.format)
        if try !isThere(stored, at: target) {
            let outcome = try source.withOriginal(image.id, image.format) {
                try CheckedCopy.copy($0, to: target, through: folder.part, digest: stored.digest)
            }
            switch outcome {
            case .copied(let bytes): count(bytes)
            case .missing, .damaged:
                guard try live.images.image(image.id, of: image.account) != nil else {
                    return try forget(image, in: copy)
                }
                tally.lost += 1
                DataFolder.warn("the original of image \(image.id) is missing or damaged")
            }
        }
        tally.images += 1
        if !originalsOnly { try keepSizes(of: image) }
    }

    private func isThere(_ stored: StoredImage, at target: String) throws -> Bool {
        if verify { return try CheckedCopy.digest(of: target) == stored.digest }
        let (id, format) = (stored.image.id, stored.image.format)
        return try folder.media.length(ofOriginal: id, format) == stored.image.bytes
    }

    /// Missing variants are not reported, because they can be rendered again.
    private mutating func keepSizes(of image: Image) throws {
        for variant in image.variants
        where try folder.media.length(of: variant, of: image.id) != variant.bytes {
            let outcome = try source.withVariant(variant, of: image.id) {
                try CheckedCopy.copy(
                    $0, to: folder.paths.variant(variant, of: image.id), through: folder.part,
                    digest: nil)
            }
            if case .copied(let bytes) = outcome { count(bytes) }
        }
    }

    /// Removes an image that was deleted after the catalog was copied, so that a restore does not bring it
    /// back.
    private mutating func forget(_ image: Image, in copy: any Catalog) throws {
        _ = try copy.images.beginDeletion(of: image.id, owner: image.account, at: .now())
        try copy.images.finishDeletion(of: image.id)
        tally.deleted += 1
    }

    private mutating func count(_ bytes: Int64) {
        tally.copied += 1
        tally.bytes += bytes
    }
}
