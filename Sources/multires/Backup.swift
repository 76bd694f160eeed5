import Administration
import ArgumentParser
import Foundation
import Media
import Model
import Operations
import Settings

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Back up the database and all images to a folder while the service runs.",
        discussion: """
            The backup has the same layout as the data folder. A second backup to the same folder \
            copies only new files. If a backup is interrupted, the previous one stays complete, \
            and the next run continues. secrets.env is not copied: a restored service makes new \
            secrets, and users must sign in again.

            Originals in recovered/ are copied too. They are never removed from a backup.

            If the target ends in .sqlite3, only the database is copied, to that file.
            """)

    @Argument(help: "The folder to write to, on another disk; or a new file that ends in .sqlite3.")
    var target: String

    @Flag(help: "Do not copy the sizes; a restored service renders them again.")
    var originalsOnly = false

    @Flag(help: "Also read the originals that the backup has, and replace damaged ones.")
    var verify = false

    @Flag(help: "Remove images from the backup that are no longer in the catalog.")
    var prune = false

    @Flag(help: "Continue even if many images of the backup are no longer in the catalog.")
    var manyDeleted = false

    func run() throws {
        let configuration = try Settings().configuration
        // As the worker opens it: it waits up to 15 s for other writers, while a responder, whose client
        // waits, fails after 5 s. The service may run, because the copy is a snapshot of one moment.
        let catalog = try CatalogEngine.open(configuration, for: .worker)
        // Only the database, in one file. A copy made with cp would lack what is in the write-ahead log.
        // `restore` does not accept such a file: it needs a folder with the originals.
        if target.hasSuffix(".sqlite3") { return try catalog.copy(to: target) }
        try intoFolder(configuration, catalog)
    }

    private func intoFolder(_ configuration: Configuration, _ catalog: any Catalog) throws {
        let folder = try BackupFolder(making: target, outside: configuration.folders)
        var copying = BackupWriter(
            catalog, configuration.folders, to: folder, originalsOnly: originalsOnly,
            verify: verify, manyDeleted: manyDeleted)
        let began = ContinuousClock.now
        let tally = try copying.run()
        print(
            HumanReadable.count(tally.images, "image")
                + " in \(folder.path): \(HumanReadable.count(tally.copied, "file")) copied, "
                + "\(HumanReadable.bytes(tally.bytes)), in \(HumanReadable.time(ContinuousClock.now - began))"
        )
        if tally.deleted > 0 {
            print(
                HumanReadable.count(tally.deleted, "image was", "images were")
                    + " deleted during the backup")
        }
        // After `run` has published the new catalog, because `prune` compares the files with that one.
        if prune {
            let removed = try folder.prune()
            print("removed from the backup: \(HumanReadable.count(removed, "deleted image"))")
        }
        // Last, so that a lost original does not prevent the rest of the backup, but sets the exit status.
        guard tally.lost == 0 else {
            throw ConfigurationError(
                HumanReadable.count(tally.lost, "missing or damaged original")
                    + " could not be copied; "
                    + "the rest of the backup is complete. Run \"multires doctor\".")
        }
    }
}
