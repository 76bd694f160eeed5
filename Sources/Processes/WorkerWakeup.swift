import CLinux
import Foundation

/// Wakes workers of other processes: a datagram of one byte on a UNIX socket. Each worker has its own
/// socket in a folder that all of them share. It is only a hint: when one gets lost, the worker finds the
/// job at its next poll.
public enum WorkerWakeup {
    /// The datagram's byte.
    public enum Message: UInt8, Sendable {
        /// A job was added.
        case jobAdded = 1
        /// An upload has started, so a job will follow.
        case uploadStarted = 2
    }

    /// Wakes every listener in `folder`. Never blocks and never fails. Removes sockets that have no
    /// listener any more.
    public static func send(_ message: Message, to folder: String) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            return
        }
        let sender = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | closeOnExec, 0)
        guard sender >= 0 else { return }
        defer { close(sender) }
        for name in names {
            let path = "\(folder)/\(name)"
            let sent = withUnixAddress(path) { address, length in
                sendto(sender, [message.rawValue], 1, Int32(MSG_DONTWAIT), address, length)
            }
            if let sent, sent < 0, errno == ECONNREFUSED { unlink(path) }
        }
    }

    /// A process's own socket, which is removed with it.
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
                    "bind", "\(path) (a socket's path may have at most 107 bytes)",
                    code: ENAMETOOLONG)
            }
            guard bound == 0 else { throw SystemError("bind", path) }
        }

        deinit {
            unlink(path)
        }

        /// For a poll of several descriptors: readable while `received` would return a message.
        public var number: Int32 { socket.number }

        /// Nil when no message came in that time.
        public func wait(atMost timeout: Duration) throws -> Message? {
            try socket.isReadable(within: timeout) ? received() : nil
        }

        /// Takes all messages that have come. Returns the most urgent one, or nil.
        public func received() -> Message? {
            var received: Message?
            var byte: UInt8 = 0
            while recv(socket.number, &byte, 1, 0) > 0 {
                if received != .jobAdded { received = Message(rawValue: byte) }
            }
            return received
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
