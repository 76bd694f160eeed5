import CFastCGI
import Glibc
import Processes

/// One thread's requests over FastCGI, one after the other.
final class FastCGIExchange: Exchange {
    /// At one address for life: libfcgi's streams point back to it.
    private let request: UnsafeMutablePointer<FCGX_Request>
    private let threads: InterruptibleThreads
    private let sendTimeout: Duration
    private let log: Log
    /// Whether the connection has had no request yet.
    private var isFirst = true
    /// Of the answer that is being sent; nil before its first byte.
    private var deadline: SendDeadline?

    /// Once per process, before any thread.
    static func prepare() {
        // After an answer libfcgi waits so long (2 s by default) for nginx to close first.
        setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "200", 0)
        FCGX_Init()
        // It installs handlers that only set a flag; ours are blocked and waited for instead.
        for number in [SIGTERM, SIGUSR1] { signal(number, SIG_DFL) }
        Signals.ignoreBrokenPipes()
    }

    /// - Parameter threads: those whose wait for a request is interrupted when the process is to stop.
    init(interruptibleBy threads: InterruptibleThreads, sendTimeout: Duration, log: Log) {
        self.threads = threads
        self.sendTimeout = sendTimeout
        request = .allocate(capacity: 1)
        // Without a socket to listen on: connections are accepted here.
        FCGX_InitRequest(request, -1, 0)
        self.log = log
    }

    deinit {
        FCGX_Free(request, 1)
        request.deallocate()
    }

    /// Answers the requests of this connection next. It is closed after the last of them.
    ///
    /// libfcgi could accept it, too, but it tests whether to stop before it calls accept(), and it gives up a
    /// connection when a signal interrupts a read.
    func take(_ connection: Int32) {
        request.pointee.ipcFd = connection
        isFirst = true
    }

    /// Waits for the next request; false when the connection is over, or the process is to stop.
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
        // It fails when the connection has no whole request, and has closed it then.
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

    /// Milliseconds. A web server sends the request at once; who connects and is silent for so long is
    /// disconnected, since the reads that follow have no limit.
    private static let silence: Int32 = 2000

    /// Whether there is something to read, or the other side has closed; false when a signal interrupts.
    ///
    /// - Parameter timeout: in milliseconds; -1: none.
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
        // Less than asked for is the end of the body, or of the connection.
        guard count == buffer.count || FCGX_GetError(stream) == 0 else {
            throw RequestBody.cutShort
        }
        return count
    }

    /// A write that waits longer than the timeout fails. libfcgi has no such limit of its own.
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
            // In pieces, between which the clock is looked at: libfcgi writes on as long as any byte
            // is taken.
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

    /// libfcgi tries to write what it still holds when the request is finished; into a connection that
    /// is shut down it cannot, and so it waits for nobody.
    private func hangUp() -> any Error {
        shutdown(request.pointee.ipcFd, Int32(SHUT_RDWR))
        return Self.isGone
    }

    /// Less than the socket's buffer, so that a write is whole or fails.
    private static let piece = 8192

    func end() throws {
        // What a kept connection still holds of this request's body would be read as the beginning
        // of the next one. libfcgi has no call for that: such a connection is closed.
        if request.pointee.keepConnection != 0 && !isBodyAtEnd() {
            request.pointee.keepConnection = 0
        }
        // In this order everything goes out in one write, when it fits into 8 KiB.
        guard FCGX_FClose(request.pointee.err) == 0, FCGX_FClose(request.pointee.out) == 0 else {
            throw hangUp()
        }
    }

    private static let isGone = SystemError("write", "the FastCGI connection", code: EPIPE)

    /// Ends the request. `variable` finds nothing any more; the Strings it gave out live on.
    func finish() {
        FCGX_Finish_r(request)
        request.pointee.envp = nil
    }

    private func isBodyAtEnd() -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { (try? read(into: $0)) == 0 }
    }
}
