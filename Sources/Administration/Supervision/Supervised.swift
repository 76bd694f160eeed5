import Foundation
import Model
import Processes
import Settings

/// Finds the processes that `serve` has started, also those of a killed `serve`: each of them, and each
/// process that nginx and fcgiwrap start, has a file of this data folder open. A recorded process id could
/// belong to another process by now, and a name is not unique; an open file is certain.
package struct Supervised {
    /// For `ChildProcess`: the open file has number 3, which no program uses for anything else.
    let descriptors: [Int32: Int32]

    private let mark: FileDescriptorBox
    private let path: String

    package init(_ folders: DataFolders) throws {
        path = folders.run + "/supervised"
        mark = FileDescriptorBox(try FileDescriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600))
        descriptors = [3: mark.file.number]
    }

    /// Stops the processes of a previous `serve`. The caller holds the lock of `serve`, so every other
    /// process that has the mark open was started by a `serve` that no longer runs. nginx has the port, so it
    /// is killed if it does not exit within 3 s. All others exit after the requests in progress.
    ///
    /// - Returns: the others, which may still be running.
    package func stopPrevious() -> [pid_t] {
        let stale = pids()
        let gateways = stale.filter(Self.isNginx)
        for pid in stale { kill(pid, gateways.contains(pid) ? SIGQUIT : SIGTERM) }
        wait(for: gateways, atMost: 300)
        // A stopped process handles no other signal.
        for pid in gateways where holdsMark(pid) { kill(pid, SIGKILL) }
        wait(for: gateways, atMost: 200)
        return stale.filter { !gateways.contains($0) }
    }

    /// Whether the process was started by a `serve` of this data folder.
    package func holdsMark(_ pid: pid_t) -> Bool {
        var own = stat()
        var other = stat()
        return fstat(mark.file.number, &own) == 0 && stat("/proc/\(pid)/fd/3", &other) == 0
            && own.st_dev == other.st_dev && own.st_ino == other.st_ino
    }

    private func pids() -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { $0 != getpid() && holdsMark($0) }
    }

    private func wait(for pids: [pid_t], atMost hundredths: Int) {
        for _ in 0..<hundredths where pids.contains(where: holdsMark) { usleep(10_000) }
    }

    private static func isNginx(_ pid: pid_t) -> Bool {
        let name = try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)
        return name?.hasPrefix("nginx") ?? false
    }
}

/// A descriptor that several values share.
private final class FileDescriptorBox: Sendable {
    let file: FileDescriptor

    package init(_ file: consuming FileDescriptor) {
        self.file = file
    }
}
