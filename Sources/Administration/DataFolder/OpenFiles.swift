import Foundation
import Text

/// Who uses a file of the data folder.
package enum OpenFiles {
    /// Other processes of ours with that file open, by name (proc(5), fd). A request of plain CGI is
    /// over in milliseconds: try again then.
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
