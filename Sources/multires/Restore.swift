import Administration
import ArgumentParser
import Foundation
import Media
import Model
import Operations
import Processes
import Settings

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Restore a backup to an empty data folder, or check a backup.",
        discussion: """
            Stop the service first. The digest of every original is checked. The catalog is \
            written last, so an interrupted restore can be run again. Sizes that are not in the \
            backup are rendered when the service runs.
            """)

    @Argument(help: "A folder that \"multires backup\" wrote.")
    var folder: String

    @Flag(help: "Only check the backup: read all of it, and find missing or damaged originals.")
    var check = false

    @Flag(help: "Restore only originals that are missing or damaged; the service may run.")
    var originals = false

    func run() throws {
        let configuration = try Settings().configuration
        // Holds the backup's lock until the command ends, so that no `backup` changes it meanwhile.
        let backup = try BackupFolder(existing: folder)
        if check {
            try RestoreCheck(backup).run()
        } else if originals {
            // Adds files and changes no row, so the service may run.
            try OriginalsRestore(configuration, backup).restore()
        } else {
            // Refuses a data folder that has a catalog: replacing it would lose all rows since the backup.
            try BackupRestore(configuration, backup).run()
        }
    }
}
