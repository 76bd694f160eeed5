import ArgumentParser
import Foundation
import Media
import Model
import Operations
import Processes
import Settings

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings a backup back into an empty data folder; or only checks it.",
        discussion: """
            Nothing runs meanwhile. Every original is checked by its digest on the way; the catalog \
            comes last, so a restore that is cut short can be done again. Sizes that are not in the \
            backup are made again once the service runs.
            """)

    @Argument(help: "A folder that \"multires backup\" wrote.")
    var folder: String

    @Flag(help: "Read all of it, and say whether every image has its original; change nothing.")
    var check = false

    @Flag(help: "Only bring back originals that the service's own disk lost; it may run.")
    var originals = false

    func run() throws {
        let configuration = try Settings().configuration
        let backup = try BackupFolder(existing: folder)
        if check {
            try RestoreCheck(backup).run()
        } else if originals {
            try LostOriginals(configuration, backup).restore()
        } else {
            try Restoring(configuration, backup).run()
        }
    }
}

/// Whether a backup has all that a restore needs.
struct RestoreCheck {
    private let backup: BackupFolder

    init(_ backup: BackupFolder) {
        self.backup = backup
    }

    func run() throws {
        let catalog = try CatalogEngine.open(copy: backup.catalog)
        try catalog.quickCheck()
        let progress = Progress(
            "checking originals",
            of: try catalog.images.totals().values.reduce(0) { $0 + $1.images })
        var images = 0
        var bad = 0
        try catalog.images.visitInventory { stored in
            let (id, format) = (stored.image.id, stored.image.format)
            let path = backup.media.paths.original(id, format)
            let found = try CheckedCopy.digest(of: path)
            if found != stored.digest {
                bad += 1
                print("\(found == nil ? "missing" : "damaged") original of image \(id)")
            }
            images += 1
            progress.advance()
        }
        progress.finish()
        guard bad == 0 else {
            throw Unusable(
                "\(bad) of \(images) originals are not as they were uploaded: back up again with "
                    + "--verify while the service still has them.")
        }
        print("\(images) images, every original as it was uploaded")
    }
}

/// Originals of a service that is there, from a backup.
struct LostOriginals {
    private let configuration: Configuration
    private let backup: BackupFolder

    init(_ configuration: Configuration, _ backup: BackupFolder) {
        self.configuration = configuration
        self.backup = backup
    }

    func restore() throws {
        let catalog = try CatalogEngine.open(configuration, for: .worker)
        let media = DiskMedia(configuration.folders)
        var restored = 0
        var missing = 0
        try Losses(catalog, media).visit { stored, loss in
            if case .sizes = loss { return }
            let (id, format) = (stored.image.id, stored.image.format)
            let outcome = try CheckedCopy.copy(
                backup.media.paths.original(id, format), to: media.paths.original(id, format),
                through: "\(configuration.folders.incoming)/restore-\(id)", digest: stored.digest)
            if case .copied = outcome {
                restored += 1
            } else {
                missing += 1
                print("image \(id): the backup has no sound original either")
            }
        }
        print("\(restored) originals brought back")
        guard missing == 0 else { throw Unusable("\(missing) originals stay lost.") }
    }
}
