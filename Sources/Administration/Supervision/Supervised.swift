import Foundation
import Model
import Processes
import Settings

/// Knows the processes that `serve` has started, also those of a `serve` that was killed: each of them,
/// and what nginx and fcgiwrap start themselves, holds a file of this data folder open. A process id
/// in a file could be a stranger's by now, and so could a name; an open file is certain.
package struct Supervised {
    /// For `ChildProcess`: a number that no program uses for something else.
    let descriptors: [Int32: Int32]

    private let mark: FileDescriptorBox
    private let path: String

    package init(_ folders: DataFolders) throws {
        path = folders.run + "/supervised"
        mark = FileDescriptorBox(try FileDescriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600))
        descriptors = [3: mark.file.number]
    }

    /// Called under the lock of `serve`: whoever has the mark open, and is not this process, was
    /// started by one that is gone. nginx holds the port: it is asked, and killed after a while. All
    /// others end on their own after the requests in hand; `stray` names them.
    package func endStale() -> [pid_t] {
        let stale = pids()
        let gateways = stale.filter(Self.isNginx)
        for pid in stale { kill(pid, gateways.contains(pid) ? SIGQUIT : SIGTERM) }
        wait(for: gateways, atMost: 300)
        // A stopped process takes no other signal.
        for pid in gateways where holdsMark(pid) { kill(pid, SIGKILL) }
        wait(for: gateways, atMost: 200)
        return stale.filter { !gateways.contains($0) }
    }

    /// Whether it is still one of ours.
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
