import Glibc
import Synchronization

/// Threads whose wait for new work can be interrupted at once.
///
/// A signal interrupts the wait. It is blocked in every other call, so the work of a thread between two waits
/// is never interrupted.
public final class InterruptibleThreads: Sendable {
    /// None of our programs uses it for anything else.
    private static let number = SIGUSR2

    private let threads = Mutex<[pthread_t]>([])

    /// Call it before the first other thread starts, because threads inherit the signal mask.
    public init() {
        // Without SA_RESTART, so the interrupted call returns EINTR (signal(7)).
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

    /// Interrupts the system call in which each thread waits. A thread that is just about to begin one misses
    /// it, so repeat this until the threads have returned.
    public func interrupt() {
        threads.withLock { for thread in $0 { pthread_kill(thread, Self.number) } }
    }

    /// Makes one system call, which `interrupt` ends with EINTR. If the caller needs errno, `call` must
    /// return it as well.
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
