import Foundation
import Model
import Processes
import Settings

/// Rotates nginx's access log while `multires serve` runs: a new log is started at a given size, and a few
/// older ones are kept.
package struct AccessLog {
    private let path: String
    private let limit: Int64
    private let keep: Int

    package init(_ configuration: Configuration) {
        path = Self.path(configuration.folders)
        limit = configuration.accessLogBytes
        keep = configuration.accessLogKeep
    }

    package static func path(_ folders: DataFolders) -> String { folders.nginx + "/access.log" }

    /// nginx writes to the renamed file until it gets the signal, so no line is lost.
    package func rotate(_ nginx: ChildProcess?) {
        var status = stat()
        guard let nginx, stat(path, &status) == 0, status.st_size >= limit else { return }
        guard keep > 0 else {
            unlink(path)
            return nginx.send(SIGUSR1)
        }
        for number in stride(from: keep - 1, to: 0, by: -1) {
            try? Files.move("\(path).\(number)", to: "\(path).\(number + 1)")
        }
        try? Files.move(path, to: path + ".1")
        nginx.send(SIGUSR1)
    }
}
