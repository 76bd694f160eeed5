import Foundation
import Metrics
import Processes
import Synchronization

/// The threads of a FastCGI responder. They are started when they are needed: when the last free thread gets
/// a connection, another one is started, up to the limit. So the first request waits until one database
/// connection is open and not all of them, and an idle responder has few.
final class Server: Sendable {
    private struct Threads {
        var running = 0
        /// Running threads without a connection.
        var free = 0
    }

    private let socket: ListeningSocket
    private let log: Log
    private let metrics: Metrics?
    private let sendTimeout: Duration
    private let limit: Int
    private let makeResponder: @Sendable () throws -> any Responder
    private let interruptible = InterruptibleThreads()
    private let threads = Mutex(Threads())
    private let answering = Atomic(0)
    private let failure = Mutex<(any Error)?>(nil)

    /// - Parameter limit: the maximum number of threads.
    init(
        _ socket: consuming ListeningSocket, _ log: Log, _ metrics: Metrics?,
        _ sendTimeout: Duration, threads limit: Int,
        _ makeResponder: @escaping @Sendable () throws -> any Responder
    ) {
        self.socket = socket
        (self.log, self.metrics) = (log, metrics)
        (self.sendTimeout, self.limit, self.makeResponder) = (sendTimeout, limit, makeResponder)
    }

    /// Returns after a signal to stop, when the requests in progress are answered. Throws the first error of
    /// a thread.
    func run() throws {
        let signals = Signals(blocking: [SIGTERM, SIGINT, SIGUSR1])
        FastCGIExchange.prepare()
        startThreadIfNeeded()
        metrics?.countStart(of: log.program)
        log.notice("serving, thread limit \(limit)")
        _ = signals.next()
        stop()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private func startThreadIfNeeded() {
        let isNeeded = threads.withLock { threads in
            guard threads.free == 0, threads.running < limit, !Stop.isRequested else {
                return false
            }
            threads.running += 1
            threads.free += 1
            return true
        }
        guard isNeeded else { return }
        Thread.detachNewThread {
            do {
                try self.interruptible.run { try self.work() }
            } catch {
                // The signal ends the wait in `run`, which then throws the error.
                self.failure.withLock { $0 = $0 ?? error }
                kill(getpid(), SIGTERM)
            }
            self.threads.withLock { $0.running -= 1 }
        }
    }

    private func work() throws {
        guard let responder = try responder() else { return }
        let exchange = FastCGIExchange(
            interruptibleBy: interruptible, sendTimeout: sendTimeout, log: log)
        let counts = metrics?.requests(of: log.program)
        while let connection = try nextConnection() {
            threads.withLock { $0.free -= 1 }
            startThreadIfNeeded()
            exchange.take(connection)
            while try exchange.next() {
                answering.add(1, ordering: .relaxed)
                answer(exchange, program: log.program, counts: counts, respond: responder.respond)
                exchange.finish()
                answering.subtract(1, ordering: .relaxed)
                if FailedSync.hasHappened { throw DiskFailed() }
            }
            threads.withLock { $0.free += 1 }
        }
    }

    /// Nil when the process is to stop. Throws when the only thread cannot make one. While other threads
    /// run and answer requests, it tries again.
    private func responder() throws -> (any Responder)? {
        var isFirstFailure = true
        while !Stop.isRequested {
            do {
                return try makeResponder()
            } catch {
                if threads.withLock({ $0.running == 1 }) { throw error }
                if isFirstFailure { log.error("\(error)") }
                isFirstFailure = false
                usleep(100_000)
            }
        }
        return nil
    }

    /// Waits for a connection; nil when the process is to stop.
    private func nextConnection() throws -> Int32? {
        var isFirstFailure = true
        while !Stop.isRequested {
            do {
                return try socket.accept(on: interruptible)
            } catch let error as SystemError {
                switch error.code {
                case EAGAIN, EINTR, ECONNABORTED: continue
                case EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP: throw error
                default:
                    // Out of descriptors or memory (EMFILE, ENFILE, ENOBUFS, ENOMEM). That is temporary, and
                    // trying again without a pause would only use processor time.
                    if isFirstFailure { log.warning("\(error)") }
                    isFirstFailure = false
                    usleep(100_000)
                }
            }
        }
        return nil
    }

    private func stop() {
        Stop.request()
        let asked = ContinuousClock.now
        while threads.withLock({ $0.running }) > 0 {
            // Repeated: a thread that was about to wait does not notice an earlier call.
            interruptible.interrupt()
            let waited = ContinuousClock.now - asked
            // By now no thread waits for a new request. The remaining threads that answer nothing wait for
            // the rest of a request, which may never come.
            if waited > .milliseconds(1500) && answering.load(ordering: .acquiring) == 0 { break }
            if waited > .seconds(10) {
                let unfinished = answering.load(ordering: .relaxed)
                log.warning("stopped; unfinished requests: \(unfinished)")
                // exit() would destroy objects that these threads still use.
                _exit(0)
            }
            usleep(5_000)
        }
        log.notice("stopped")
    }
}
