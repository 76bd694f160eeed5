import CLinux
import Glibc

/// A UNIX socket that nginx connects to.
///
/// Only nginx may be able to connect, because libfcgi has no time limit while it reads a request.
public struct ListeningSocket: ~Copyable, Sendable {
    public let descriptor: FileDescriptor

    /// Standard input, if the parent process made it a listening UNIX socket (spawn-fcgi, systemd's
    /// `StandardInput=socket`, mod_fcgid); nil if it is anything else.
    package static func inherited() -> ListeningSocket? {
        guard option(SO_ACCEPTCONN) == 1, option(SO_DOMAIN) == AF_UNIX else { return nil }
        return ListeningSocket(FileDescriptor(owning: STDIN_FILENO))
    }

    /// A socket option of standard input; nil if that is not a socket.
    private static func option(_ name: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(STDIN_FILENO, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }

    /// Replaces what is at `path`. Owner and group may connect, others may not. Throws `SystemError`.
    public static func opened(at path: String) throws -> ListeningSocket {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw SystemError("socket", path) }
        let descriptor = FileDescriptor(owning: number)
        unlink(path)
        let mask = umask(0o117)
        defer { umask(mask) }
        guard let bound = withUnixAddress(path, { bind(number, $0, $1) }) else {
            throw SystemError(
                "bind", "\(path) (a socket's path may have at most 107 bytes)", code: ENAMETOOLONG)
        }
        guard bound == 0 else { throw SystemError("bind", path) }
        // When the backlog is full, nginx gets EAGAIN, and its client 502.
        guard listen(number, 1024) == 0 else { throw SystemError("listen", path) }
        return ListeningSocket(descriptor)
    }

    private init(_ descriptor: consuming FileDescriptor) {
        let number = descriptor.number
        // accept() on a non-blocking socket would not wait.
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) & ~O_NONBLOCK)
        self.descriptor = descriptor
    }

    /// Waits for the next connection, which the caller must close. Throws `SystemError` with EINTR if the
    /// wait was interrupted.
    package func accept(on threads: InterruptibleThreads) throws -> Int32 {
        let number = descriptor.number
        let (connection, code) = threads.wait { (multires_accept(number), errno) }
        guard connection >= 0 else { throw SystemError("accept", "the FastCGI socket", code: code) }
        return connection
    }
}
