import Foundation

/// A hint from those who add work to those who wait for it: a datagram of one byte on a UNIX socket,
/// one socket per waiting process in a folder they share. A lost ring costs a poll interval.
public enum Doorbell {
    /// What is said: the datagram's byte.
    public enum Ring: UInt8, Sendable {
        /// There is work.
        case now = 1
        /// Work is on its way.
        case soon = 2
    }

    /// Wakes every listener in `folder`. Never blocks and never fails; sockets that nobody listens on
    /// any more are removed.
    public static func ring(_ folder: String, _ ring: Ring = .now) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            return
        }
        let sender = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | closeOnExec, 0)
        guard sender >= 0 else { return }
        defer { close(sender) }
        for name in names {
            let path = "\(folder)/\(name)"
            let sent = withUnixAddress(path) { address, length in
                sendto(sender, [ring.rawValue], 1, Int32(MSG_DONTWAIT), address, length)
            }
            if let sent, sent < 0, errno == ECONNREFUSED { unlink(path) }
        }
    }

    /// A process's own bell; its socket goes with it.
    public final class Listener: Sendable {
        private let socket: FileDescriptor
        private let path: String

        public init(folder: String, name: String) throws {
            path = "\(folder)/\(name)"
            socket = FileDescriptor(
                owning: Glibc.socket(
                    AF_UNIX, Int32(SOCK_DGRAM.rawValue) | closeOnExec | nonBlocking, 0)
            )
            unlink(path)
            let number = socket.number
            guard let bound = withUnixAddress(path, { bind(number, $0, $1) }) else {
                throw SystemError(
                    "bind", "\(path) (a socket's path may have 107 bytes)", code: ENAMETOOLONG)
            }
            guard bound == 0 else { throw SystemError("bind", path) }
        }

        deinit {
            unlink(path)
        }

        /// For a wait on several things: can be read while `heard` would return a ring.
        public var number: Int32 { socket.number }

        /// Nil when nobody rang in that time.
        public func wait(atMost timeout: Duration) throws -> Ring? {
            try socket.isReadable(within: timeout) ? heard() : nil
        }

        /// Nil when nobody has rung; all rings that have come are taken as one, the most urgent.
        public func heard() -> Ring? {
            var heard: Ring?
            var byte: UInt8 = 0
            while recv(socket.number, &byte, 1, 0) > 0 {
                if heard != .now { heard = Ring(rawValue: byte) }
            }
            return heard
        }
    }
}

private let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)
private let nonBlocking = Int32(SOCK_NONBLOCK.rawValue)

/// Nil when the path is longer than a UNIX address takes (107 bytes).
public func withUnixAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
