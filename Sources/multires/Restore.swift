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
