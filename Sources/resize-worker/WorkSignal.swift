import Foundation
import Synchronization

/// Wakes the threads of this worker when there is work, and notifies them when they have to stop.
final class WorkSignal: Sendable {
    private struct State {
        var count = 0
        var deadline: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let condition = NSCondition()

    /// How many notifications there were. A thread reads this before it looks for work, so that it misses
    /// no notification that comes in between.
    var count: Int { state.withLock { $0.count } }

    /// When work in progress has to be released; nil until `stop` is called.
    var deadline: ContinuousClock.Instant? { state.withLock { $0.deadline } }

    var isStopping: Bool { deadline != nil }

    /// Whether `deadline` has passed.
    var isPastDeadline: Bool { deadline.map { $0 <= .now } ?? false }

    func notify() {
        state.withLock { $0.count += 1 }
        wakeAll()
    }

    /// Only the first call sets the deadline.
    ///
    /// - Parameter timeout: how long work in progress may continue.
    func stop(within timeout: Duration) {
        state.withLock { $0.deadline = $0.deadline ?? ContinuousClock.now + timeout }
        wakeAll()
    }

    /// Returns at the first notification after `seen`, when the worker stops, or after `timeout` seconds.
    func wait(after seen: Int, atMost timeout: TimeInterval) {
        let end = Date(timeIntervalSinceNow: timeout)
        condition.lock()
        defer { condition.unlock() }
        while count == seen, !isStopping {
            if !condition.wait(until: end) { return }
        }
    }

    /// With the lock held, so that no thread is between its check and its wait.
    private func wakeAll() {
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }
}
