import Glibc
import Processes

/// A UNIX socket that nginx connects to.
///
/// Only nginx may reach it: libfcgi has no limit of time while it reads a request.
struct ListeningSocket: ~Copyable, Sendable {
    let descriptor: FileDescriptor

    /// Standard input, when whoever started this process made it a listening socket (spawn-fcgi,
    /// systemd's `StandardInput=socket`, mod_fcgid); nil when it is anything else.
    static func inherited() throws -> ListeningSocket? {
        var isListening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0,
            isListening != 0
        else { return nil }
        return try ListeningSocket(FileDescriptor(owning: STDIN_FILENO))
    }

    /// Takes the place of whatever lies at `path`. Owner and group may connect, others may not.
    static func opened(at path: String) throws -> ListeningSocket {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw SystemError("socket", path) }
        let descriptor = FileDescriptor(owning: number)
        unlink(path)
        let mask = umask(0o117)
        defer { umask(mask) }
        guard let bound = withUnixAddress(path, { bind(number, $0, $1) }) else {
            throw SystemError("bind", path, code: ENAMETOOLONG)
        }
        guard bound == 0 else { throw SystemError("bind", path) }
        // nginx gets EAGAIN, and its client 502, as soon as the backlog is full.
        guard listen(number, 1024) == 0 else { throw SystemError("listen", path) }
        return try ListeningSocket(descriptor)
    }

    private init(_ descriptor: consuming FileDescriptor) throws {
        let number = descriptor.number
        // Threads waiting in accept() come back once a second to see whether to stop. Shutting the
        // socket down would wake them too, but it may be shared with the next generation.
        var second = timeval(tv_sec: 1, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &second, size) == 0 else {
            throw SystemError("setsockopt", "SO_RCVTIMEO")
        }
        // A non-blocking socket would turn those waits into a busy loop.
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) & ~O_NONBLOCK)
        self.descriptor = descriptor
    }
}
