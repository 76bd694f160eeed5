import Catalog
import Synchronization

/// Which slots have a picture in hand, whose, and since when; and whose pictures take long.
final class Occupancy: Sendable {
    private struct Work {
        let account: Identifier<Account>
        let begun: ContinuousClock.Instant
    }

    private struct State {
        /// Slots that have not ended, spare ones left out.
        var slots: Int
        var work: [Int: Work] = [:]
        /// When the last picture of an account ended, if that one took long.
        var slow: [Identifier<Account>: ContinuousClock.Instant] = [:]
    }

    /// How long an account counts as slow that sends nothing more: long enough that few accounts cannot
    /// take turns.
    private static let memory = Duration.seconds(600)

    private let state: Mutex<State>
    private let slots: Int
    private let slowRender: Duration

    /// - Parameter slots: those numbered from 0; spare ones have higher numbers.
    init(slots: Int, slowRender: Duration) {
        state = Mutex(State(slots: slots))
        self.slots = slots
        self.slowRender = slowRender
    }

    var hasEnded: Bool { state.withLock { $0.slots == 0 } }

    /// Nil as long as a slot is free or may soon be: when a picture has been in work for less than
    /// `slowRender`. Else the accounts that no spare slot is for: with their last picture they held one
    /// for much longer.
    func excludedFromSpare() -> Set<Identifier<Account>>? {
        let now = ContinuousClock.now
        return state.withLock { state in
            let busy = state.work.keys.count { $0 < slots }
            guard state.slots > 0, busy == state.slots,
                state.work.values.allSatisfy({ now - $0.begun > slowRender })
            else { return nil }
            state.slow = state.slow.filter { now - $0.value < Self.memory }
            return Set(state.slow.keys)
        }
    }

    func begin(_ slot: Int, for account: Identifier<Account>) {
        state.withLock { $0.work[slot] = Work(account: account, begun: .now) }
    }

    func end(_ slot: Int) {
        let now = ContinuousClock.now
        state.withLock { state in
            guard let work = state.work.removeValue(forKey: slot) else { return }
            // A busy machine makes a quick picture slow, but hardly so slow.
            state.slow[work.account] = now - work.begun > slowRender * 4 ? now : nil
        }
    }

    /// The slot has ended.
    func leave() {
        state.withLock { $0.slots -= 1 }
    }
}
