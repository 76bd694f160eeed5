import Synchronization

/// Which slots have a picture in hand, and since when.
final class Occupancy: Sendable {
    private struct State {
        /// Slots that have not ended.
        var slots: Int
        var begun: [Int: ContinuousClock.Instant] = [:]
    }

    private let state: Mutex<State>

    init(slots: Int) {
        state = Mutex(State(slots: slots))
    }

    var hasEnded: Bool { state.withLock { $0.slots == 0 } }

    /// Whether no slot is free, nor will soon be: each has had its picture for longer than `time`.
    func isFull(for time: Duration) -> Bool {
        let latest = ContinuousClock.now - time
        return state.withLock { state in
            state.slots > 0 && state.begun.values.count { $0 < latest } == state.slots
        }
    }

    func begin(_ slot: Int) {
        state.withLock { $0.begun[slot] = .now }
    }

    func end(_ slot: Int) {
        state.withLock { $0.begun[slot] = nil }
    }

    /// The slot has ended.
    func leave() {
        state.withLock { $0.slots -= 1 }
    }
}
