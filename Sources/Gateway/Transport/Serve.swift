import Foundation
import Logging
import Metrics
import Processes
import Synchronization

/// Answers requests until SIGTERM, SIGINT or SIGUSR1; then lets those under way finish, for at most
/// 10 seconds, and returns. Call it once, from the main thread, before any other thread is started.
///
/// It speaks FastCGI on the UNIX socket at `socket`, which it opens, or else on standard input where
/// that is a listening socket. Started as a CGI program it answers the one request and returns.
///
/// - Parameters:
///   - name: the program's, for its log lines.
///   - threads: how many requests are answered at once. nginx's kept connections
///     (`fastcgi_keep_conn`) hold one each while they idle, so there must be more threads than those.
///   - sendTimeout: how long the web server may take no byte of an answer. A longer answer than its
///     buffers hold waits for the client, which must not hold a thread by not reading.
///   - metrics: counts requests; nil where nobody asks for that.
///   - makeResponder: called once on each thread, whose own that responder then is. What it throws
///     ends `serve`; a CGI request is answered 500.
/// - Throws: when there is nothing to serve on, a socket fails, or a responder cannot be made.
public func serve(
    name: String, threads: Int, socket: String? = nil, sendTimeout: Duration = .seconds(10),
    metrics: Metrics? = nil, makeResponder: @escaping @Sendable () throws -> any Responder
) throws {
    LineLog.install()
    let log = Logger(label: name)
    if let path = socket {
        let listening = try ListeningSocket.opened(at: path)
        try Server(listening, log, metrics, sendTimeout, makeResponder).run(threads: threads)
    } else if let listening = try ListeningSocket.inherited() {
        try Server(listening, log, metrics, sendTimeout, makeResponder).run(threads: threads)
    } else if CGIExchange.isServing {
        Signals.ignoreBrokenPipes()
        answer(
            CGIExchange(sendTimeout: sendTimeout), program: name,
            counts: metrics?.requests(of: name)
        ) {
            try makeResponder().respond(to: $0)
        }
    } else {
        throw NothingToServeOn()
    }
}

private struct NothingToServeOn: Error, CustomStringConvertible {
    let description = """
        There is nothing to serve on. Say --socket PATH, or start this program with a listening \
        socket as standard input (FastCGI), or from a web server as a CGI program.
        """
}

/// The threads of a FastCGI responder.
private final class Server: Sendable {
    private let socket: ListeningSocket
    private let log: Logger
    private let metrics: Metrics?
    private let sendTimeout: Duration
    private let makeResponder: @Sendable () throws -> any Responder
    private let running = Atomic(0)
    private let answering = Atomic(0)
    private let failure = Mutex<(any Error)?>(nil)

    init(
        _ socket: consuming ListeningSocket, _ log: Logger, _ metrics: Metrics?,
        _ sendTimeout: Duration, _ makeResponder: @escaping @Sendable () throws -> any Responder
    ) {
        self.socket = socket
        self.log = log
        self.metrics = metrics
        self.sendTimeout = sendTimeout
        self.makeResponder = makeResponder
    }

    func run(threads: Int) throws {
        let signals = Signals(blocking: [SIGTERM, SIGINT, SIGUSR1])
        FastCGIExchange.prepare()
        running.store(threads, ordering: .relaxed)
        for _ in 0..<threads {
            Thread.detachNewThread {
                do {
                    try self.work()
                } catch {
                    self.failure.withLock { $0 = $0 ?? error }
                    kill(getpid(), SIGTERM)
                }
                self.running.subtract(1, ordering: .releasing)
            }
        }
        metrics?.countStart(of: log.label)
        log.notice("serving with \(threads) threads")
        _ = signals.next()
        stop()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private func work() throws {
        let responder = try makeResponder()
        let exchange = FastCGIExchange(
            listeningOn: socket.descriptor.number, sendTimeout: sendTimeout, log: log)
        let counts = metrics?.requests(of: log.label)
        while try exchange.accept() {
            answering.add(1, ordering: .relaxed)
            answer(exchange, program: log.label, counts: counts, respond: responder.respond)
            exchange.finish()
            answering.subtract(1, ordering: .relaxed)
            if FailedSync.hasHappened { throw DiskFailed() }
        }
    }

    private func stop() {
        Stop.request()
        FastCGIExchange.stopAccepting()
        let asked = ContinuousClock.now
        while running.load(ordering: .acquiring) > 0 {
            let waited = ContinuousClock.now - asked
            // By now no thread is in accept() any more. Those that are left and answer nothing wait
            // on a connection that nginx keeps open without a request.
            if waited > .milliseconds(1500) && answering.load(ordering: .acquiring) == 0 { break }
            if waited > .seconds(10) {
                log.warning(
                    "stopped with \(answering.load(ordering: .relaxed)) requests unfinished")
                // exit() would tear down what these threads are still using.
                _exit(0)
            }
            usleep(20_000)
        }
        log.notice("stopped")
    }
}
