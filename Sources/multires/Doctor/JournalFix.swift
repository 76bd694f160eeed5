import Catalog
import Foundation
import Processes
import SQLiteCatalog

/// Puts the database into the journal mode that is set. Only with everything stopped: who has it open
/// would go on in the old one, without the checkpoints that the new one needs.
struct JournalFix {
    private let configuration: Configuration
    private var catalog: String { configuration.folders.catalog }

    init(_ settings: Settings) {
        configuration = settings.configuration
    }

    func run() throws {
        guard FileManager.default.fileExists(atPath: catalog) else {
            throw Failure("There is no database at \(catalog): run multires init.")
        }
        let users = users()
        guard users.isEmpty else {
            throw Failure(
                "\(users.joined(separator: ", ")) has the database open: stop everything first.")
        }
        do {
            try SQLiteCatalog.migrate(path: catalog, journal: configuration.journal)
        } catch CatalogError.busy {
            throw Failure("Something has the database open: stop everything first.")
        } catch let error as Unusable {
            throw Failure(error.description)
        }
    }

    /// Other processes of ours with that file open, by name (proc(5), fd). A request of plain CGI is
    /// over in milliseconds: try again then.
    private func users() -> [String] {
        let file = URL(fileURLWithPath: catalog).resolvingSymlinksInPath().path
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.filter { Int32($0).map { $0 != getpid() } ?? false }.filter { pid in
            let folder = "/proc/\(pid)/fd"
            let open = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return open.contains {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))
                    == file
            }
        }.map { pid in
            let line = FileManager.default.contents(atPath: "/proc/\(pid)/comm") ?? Data()
            let name = String(decoding: line, as: UTF8.self)
            return "\(name.trimmingCharacters(in: .newlines)) (process \(pid))"
        }
    }
}
