import Foundation
import Synchronization

/// Wakes the slots of this worker, and tells them when to stop.
final class Bell: Sendable {
    private struct State {
        var rings = 0
        var deadline: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let condition = NSCondition()

    /// How often it rang. Read it before looking for work, and a ring in between is not missed.
    var rings: Int { state.withLock { $0.rings } }

    /// When work in hand is to be given back; nil while nobody asked to stop.
    var deadline: ContinuousClock.Instant? { state.withLock { $0.deadline } }

    var isStopping: Bool { deadline != nil }

    /// Whether that time has come.
    var isOutOfPatience: Bool { deadline.map { $0 <= .now } ?? false }

    func ring() {
        state.withLock { $0.rings += 1 }
        wakeAll()
    }

    /// The first request counts: asking again gives no more time.
    func stop(within patience: Duration) {
        state.withLock { $0.deadline = $0.deadline ?? ContinuousClock.now + patience }
        wakeAll()
    }

    /// Returns at the first ring after `seen`, when it is time to stop, or after `timeout`.
    func wait(after seen: Int, atMost timeout: TimeInterval) {
        let end = Date(timeIntervalSinceNow: timeout)
        condition.lock()
        defer { condition.unlock() }
        while rings == seen, !isStopping {
            if !condition.wait(until: end) { return }
        }
    }

    /// Under the lock, so that nobody is between looking and waiting.
    private func wakeAll() {
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }
}
