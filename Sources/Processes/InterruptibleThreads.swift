import Glibc
import Synchronization

/// Threads whose waits for new work can be ended at once.
///
/// A signal ends the wait. It is blocked in every other call: what a thread does between two waits is
/// never interrupted.
public final class InterruptibleThreads: Sendable {
    /// No program of ours uses it for something else.
    private static let number = SIGUSR2

    private let threads = Mutex<[pthread_t]>([])

    /// Call it before the first other thread starts: threads inherit what is blocked.
    public init() {
        // Without SA_RESTART: the call that is interrupted returns EINTR (signal(7)).
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(Self.number, &action, nil)
        Self.change(SIG_BLOCK)
    }

    /// Runs `body`, whose calls of `wait` can be interrupted until it returns.
    public func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        let own = pthread_self()
        threads.withLock { $0.append(own) }
        // Under the lock: a thread that has ended must not be signalled (pthread_kill(3)).
        defer { threads.withLock { threads in threads.removeAll { $0 == own } } }
        return try body()
    }

    /// Ends the system call that each thread waits in. A thread that is about to begin one does not
    /// notice: repeat this until the threads are done.
    public func interrupt() {
        threads.withLock { for thread in $0 { pthread_kill(thread, Self.number) } }
    }

    /// Makes one system call that `interrupt` ends with EINTR; `call` returns what the caller needs of
    /// errno as well.
    public func wait<Result>(_ call: () -> Result) -> Result {
        Self.change(SIG_UNBLOCK)
        defer { Self.change(SIG_BLOCK) }
        return call()
    }

    private static func change(_ how: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        pthread_sigmask(how, &set, nil)
    }
}
