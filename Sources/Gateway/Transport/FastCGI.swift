import CFastCGI
import Glibc
import Processes

/// The requests of one thread over FastCGI, one after the other.
final class FastCGIExchange: Exchange {
    /// Its address never changes: libfcgi's streams contain pointers to it.
    private let request: UnsafeMutablePointer<FCGX_Request>
    private let threads: InterruptibleThreads
    private let sendTimeout: Duration
    private let log: Log
    /// Whether the connection has had no request yet.
    private var isFirst = true
    /// The deadline of the response that is being sent; nil before its first byte.
    private var deadline: SendDeadline?

    /// Call it once per process, before other threads are started.
    static func prepare() {
        // How many milliseconds libfcgi waits after a response for nginx to close first. The default is 2 s.
        setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "200", 0)
        FCGX_Init()
        // FCGX_Init installs handlers that only set a flag. Here the signals are blocked and waited for.
        for number in [SIGTERM, SIGUSR1] { signal(number, SIG_DFL) }
        Signals.ignoreBrokenPipes()
    }

    /// - Parameter threads: the threads whose wait for a request is interrupted when the process is to stop.
    init(interruptibleBy threads: InterruptibleThreads, sendTimeout: Duration, log: Log) {
        self.threads = threads
        self.sendTimeout = sendTimeout
        request = .allocate(capacity: 1)
        // -1: no socket to listen on, since `Server` accepts the connections.
        FCGX_InitRequest(request, -1, 0)
        self.log = log
    }

    deinit {
        FCGX_Free(request, 1)
        request.deallocate()
    }

    /// The next requests are read from this connection, which is closed after the last of them.
    ///
    /// libfcgi could accept connections itself. But it checks whether to stop only before it calls accept(),
    /// and it drops a connection when a signal interrupts a read.
    func take(_ connection: Int32) {
        request.pointee.ipcFd = connection
        isFirst = true
    }

    /// Waits for the next request; false when the connection has ended, or the process is to stop.
    func next() throws -> Bool {
        guard request.pointee.ipcFd >= 0 else { return false }
        guard waitForRequest() else {
            FCGX_Free(request, 1)
            return false
        }
        isFirst = false
        // "Do not close ipcFd at end of request": FCGX_Accept_r first ends the last request, and then reads
        // from ipcFd instead of calling accept(). The request's own flag replaces this one.
        request.pointee.keepConnection = 1
        // It fails when the connection ends before a whole request, and has then closed it.
        guard FCGX_Accept_r(request) == 0 else { return false }
        try limitWaiting()
        return true
    }

    private func waitForRequest() -> Bool {
        let connection = request.pointee.ipcFd
        if isFirst { return Self.isReadable(connection, within: Self.silence) }
        while !Stop.isRequested {
            if threads.wait({ Self.isReadable(connection, within: -1) }) { return true }
        }
        return false
    }

    /// Milliseconds. A web server sends the request at once. A client that connects and sends nothing for
    /// this long is disconnected, since the reads that follow have no timeout.
    private static let silence: Int32 = 2000

    /// Whether there are bytes to read or the peer has closed; false after the timeout or a signal.
    ///
    /// - Parameter timeout: in milliseconds; -1 for no timeout.
    private static func isReadable(_ connection: Int32, within timeout: Int32) -> Bool {
        var entry = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, timeout) > 0
    }

    func variable(_ name: String) -> String? {
        guard let value = FCGX_GetParam(name, request.pointee.envp), value.pointee != 0 else {
            return nil
        }
        return String(cString: value)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let stream = request.pointee.in, let start = buffer.baseAddress else { return 0 }
        let count = Int(FCGX_GetStr(start, Int32(clamping: buffer.count), stream))
        // Fewer bytes than requested: the body has ended, or the connection has failed.
        guard count == buffer.count || FCGX_GetError(stream) == 0 else {
            throw RequestBody.cutShort
        }
        return count
    }

    /// Makes writes fail that wait longer than the timeout. libfcgi has no such limit.
    private func limitWaiting() throws {
        deadline = nil
        let parts = sendTimeout.components
        var time = timeval(
            tv_sec: Int(parts.seconds), tv_usec: Int(parts.attoseconds / 1_000_000_000_000))
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(request.pointee.ipcFd, SOL_SOCKET, SO_SNDTIMEO, &time, size) == 0 else {
            throw SystemError("setsockopt", "SO_SNDTIMEO")
        }
    }

    func send(_ bytes: [UInt8]) throws {
        var deadline = self.deadline ?? SendDeadline(timeout: sendTimeout)
        defer { self.deadline = deadline }
        try bytes.withUnsafeBufferPointer { bytes in
            var rest = bytes[...]
            // In pieces, with the deadline checked after each: libfcgi continues to write while the peer
            // accepts any byte.
            while !rest.isEmpty {
                let piece = UnsafeBufferPointer(rebasing: rest.prefix(Self.piece))
                let sent = piece.withMemoryRebound(to: CChar.self) {
                    FCGX_PutStr($0.baseAddress, Int32($0.count), request.pointee.out)
                }
                deadline.count(piece.count)
                guard sent >= 0, deadline.remaining > .zero else { throw hangUp() }
                rest = rest.dropFirst(piece.count)
            }
        }
    }

    /// libfcgi writes what it has buffered when the request is finished. On a connection that is shut down,
    /// that fails at once and does not wait for the peer.
    private func hangUp() -> any Error {
        shutdown(request.pointee.ipcFd, Int32(SHUT_RDWR))
        return Self.isGone
    }

    /// Bytes. Fewer than the socket's buffer, so that a write succeeds as a whole or fails.
    private static let piece = 8192

    func end() throws {
        // On a kept connection, the unread rest of this body would be read as the next request. libfcgi has
        // no call to skip it, so such a connection is closed.
        if request.pointee.keepConnection != 0 && !isBodyAtEnd() {
            request.pointee.keepConnection = 0
        }
        // In this order, a response of up to 8 KiB is sent in one write.
        guard FCGX_FClose(request.pointee.err) == 0, FCGX_FClose(request.pointee.out) == 0 else {
            throw hangUp()
        }
    }

    private static let isGone = SystemError("write", "the FastCGI connection", code: EPIPE)

    /// Ends the request. Afterwards `variable` returns nil; Strings that it returned before stay valid.
    func finish() {
        FCGX_Finish_r(request)
        request.pointee.envp = nil
    }

    private func isBodyAtEnd() -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { (try? read(into: $0)) == 0 }
    }
}
