import Model
import Processes
import Synchronization

/// Which slots have an image in hand, whose, and since when; and whose images take long.
final class Occupancy: Sendable {
    private struct Work {
        let account: Identifier<Account>
        let begun: ContinuousClock.Instant
        /// Processor time, as it was last noted.
        var used = Duration.zero
        /// Its slot is about to hand it back.
        var yields = false
    }

    private struct State {
        /// Slots that have not ended, spare ones left out.
        var slots: Int
        var work: [Int: Work] = [:]
        /// When the last image of an account ended, if that one took long.
        var slow: [Identifier<Account>: ContinuousClock.Instant] = [:]
    }

    /// How long an account counts as slow that sends nothing more: long enough that few accounts cannot
    /// take turns.
    private static let memory = Duration.seconds(600)

    private let state: Mutex<State>
    private let slots: Int
    private let spareSlots: Int
    private let slowRender: Duration

    /// - Parameter slots: those numbered from 0; spare ones have the numbers above.
    init(slots: Int, spareSlots: Int, slowRender: Duration) {
        state = Mutex(State(slots: slots))
        self.slots = slots
        self.spareSlots = spareSlots
        self.slowRender = slowRender
    }

    var hasEnded: Bool { state.withLock { $0.slots == 0 } }

    /// Nil as long as a slot is free or may soon be: when an image has been in work for less than
    /// `slowRender`. Else the accounts that no spare slot is for: with their last image they held one
    /// for much longer.
    func excludedFromSpare() -> Set<Identifier<Account>>? {
        state.withLock { excludedFromSpare(&$0, at: .now) }
    }

    private func excludedFromSpare(
        _ state: inout State, at now: ContinuousClock.Instant
    ) -> Set<Identifier<Account>>? {
        let busy = state.work.keys.count { $0 < slots }
        guard state.slots > 0, busy == state.slots,
            state.work.values.allSatisfy({ now - $0.begun > slowRender })
        else { return nil }
        state.slow = state.slow.filter { now - $0.value < Self.memory }
        return Set(state.slow.keys)
    }

    /// Nil unless this slot is the one to hand its image back, should any account but those returned
    /// wait: every slot is busy for long, and of the spare ones it began last.
    func excluded(ifYielding slot: Int) -> Set<Identifier<Account>>? {
        let now = ContinuousClock.now
        return state.withLock { state in
            let spare = state.work.filter { $0.key >= slots }
            guard spare.count == spareSlots, !spare.values.contains(where: \.yields),
                spare.max(by: { $0.value.begun < $1.value.begun })?.key == slot,
                let work = spare[slot], isSlow(work, beyond: slowRender, at: now)
            else { return nil }
            return excludedFromSpare(&state, at: now)
        }
    }

    func begin(_ slot: Int, for account: Identifier<Account>) {
        state.withLock { $0.work[slot] = Work(account: account, begun: .now) }
    }

    /// - Parameter used: processor time of the image in hand so far.
    func note(_ used: Duration, by slot: Int) {
        state.withLock { $0.work[slot]?.used = used }
    }

    /// The slot hands its image back: its account counts as slow.
    func yield(_ slot: Int) {
        state.withLock { $0.work[slot]?.yields = true }
    }

    func end(_ slot: Int) {
        let now = ContinuousClock.now
        state.withLock { state in
            guard let work = state.work.removeValue(forKey: slot) else { return }
            let isSlow = work.yields || isSlow(work, beyond: slowRender * 4, at: now)
            state.slow[work.account] = isSlow ? now : nil
        }
    }

    /// The slot has ended.
    func leave() {
        state.withLock { $0.slots -= 1 }
    }

    /// By processor time, since on a busy machine quick images take long too; or because it hangs.
    private func isSlow(
        _ work: Work, beyond limit: Duration, at now: ContinuousClock.Instant
    ) -> Bool {
        work.used > limit || now - work.begun > slowRender * 15
    }
}
