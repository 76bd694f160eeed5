import Administration
import ArgumentParser
import Foundation
import Media
import Model
import Operations
import Settings

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copies the database and every picture into a folder, beside a running service.",
        discussion: """
            The folder is laid out as the data folder is. Again into the same one copies only what is \
            new; a backup that is cut short leaves the one before it whole, and goes on next time. \
            secrets.env stays out: a restored service has keys of its own, and people sign in anew.

            Originals in recovered/ are copied too, and never removed from a backup.

            A name that ends in .sqlite3 stands for a copy of the database alone.
            """)

    @Argument(help: "The folder to write to, on another disk; or a new file.sqlite3.")
    var target: String

    @Flag(help: "Leave the sizes out: a restored service makes them again.")
    var originalsOnly = false

    @Flag(help: "Read what is there already too, and copy again what is not as it was uploaded.")
    var verify = false

    @Flag(help: "Remove from the folder what the catalog does not know any more.")
    var prune = false

    @Flag(help: "Go on although the catalog does not know most of what is in the folder any more.")
    var manyDeleted = false

    func run() throws {
        let configuration = try Settings().configuration
        let catalog = try CatalogEngine.open(configuration, for: .worker)
        if target.hasSuffix(".sqlite3") { return try catalog.copy(to: target) }
        try intoFolder(configuration, catalog)
    }

    private func intoFolder(_ configuration: Configuration, _ catalog: any Catalog) throws {
        let folder = try BackupFolder(making: target, outside: configuration.folders)
        var copying = BackupCopying(
            catalog, configuration.folders, to: folder, originalsOnly: originalsOnly,
            verify: verify, manyDeleted: manyDeleted)
        let began = ContinuousClock.now
        let tally = try copying.run()
        print(
            "\(tally.images) images in \(folder.path): \(tally.copied) files copied, "
                + "\(HumanReadable.bytes(tally.bytes)), in \(HumanReadable.time(ContinuousClock.now - began))"
        )
        if tally.deleted > 0 { print("\(tally.deleted) images were deleted meanwhile") }
        if prune {
            let removed = try folder.prune()
            print("\(removed) images removed that are not in the catalog any more")
        }
        guard tally.lost == 0 else {
            throw Unusable(
                "\(tally.lost) originals could not be copied as they were uploaded; the rest is "
                    + "complete. See \"multires doctor\".")
        }
    }
}
