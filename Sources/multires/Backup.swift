import ArgumentParser
import SQLiteCatalog

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a copy of the database, whole and checked, beside a running service.",
        discussion: "Copy originals/ after it; sizes can be made again.")

    @Argument(help: "The file to write; it must not be there yet.")
    var file: String

    func run() throws {
        do {
            try SQLiteCatalog(Settings().configuration, role: .worker).vacuumInto(file)
        } catch let error as Unusable {
            throw Failure(error.description)
        }
    }
}
