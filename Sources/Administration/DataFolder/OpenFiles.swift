import Foundation
import Text

/// Which processes use a file of the data folder.
package enum OpenFiles {
    /// Other processes of this user that have the file open, each with its name and id (proc(5), fd). A
    /// program of plain CGI may be among them: it has the file open for some milliseconds.
    package static func users(of path: String) -> [String] {
        let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
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
            return "\(name.trimmed) (process \(pid))"
        }
    }
}
