import Model
import Processes
import Synchronization

/// Which threads render an image, for which account and since when, and which accounts are slow.
final class Occupancy: Sendable {
    private struct Work {
        let account: Identifier<Account>
        let begun: ContinuousClock.Instant
        /// Processor time at the last call of `note`.
        var used = Duration.zero
        /// Its thread is about to release it.
        var yields = false
    }

    private struct State {
        /// Threads that still run, without the spare ones.
        var threads: Int
        var work: [Int: Work] = [:]
        /// When the last image of an account finished, if it was slow.
        var slow: [Identifier<Account>: ContinuousClock.Instant] = [:]
    }

    /// How long an account counts as slow after its last slow image: long enough that a few accounts cannot
    /// take turns in using the spare threads.
    private static let memory = Duration.seconds(600)

    private let state: Mutex<State>
    private let threads: Int
    private let spareThreads: Int
    private let slowRender: Duration

    /// - Parameter threads: those numbered from 0; spare ones have the numbers above.
    init(threads: Int, spareThreads: Int, slowRender: Duration) {
        state = Mutex(State(threads: threads))
        self.threads = threads
        self.spareThreads = spareThreads
        self.slowRender = slowRender
    }

    var hasEnded: Bool { state.withLock { $0.threads == 0 } }

    /// Nil while a thread is free, or may soon be free because an image has been in progress for less than
    /// `slowRender`. Otherwise the slow accounts, for which spare threads do not work: their last image took
    /// much longer.
    func excludedFromSpare() -> Set<Identifier<Account>>? {
        state.withLock { excludedFromSpare(&$0, at: .now) }
    }

    private func excludedFromSpare(
        _ state: inout State, at now: ContinuousClock.Instant
    ) -> Set<Identifier<Account>>? {
        let busy = state.work.keys.count { $0 < threads }
        guard state.threads > 0, busy == state.threads,
            state.work.values.allSatisfy({ now - $0.begun > slowRender })
        else { return nil }
        state.slow = state.slow.filter { now - $0.value < Self.memory }
        return Set(state.slow.keys)
    }

    /// Nil unless this spare thread has to release its image when an account waits that is not in the
    /// returned set: all threads have been busy for long, and of the spare ones it began last.
    func excluded(ifYielding thread: Int) -> Set<Identifier<Account>>? {
        let now = ContinuousClock.now
        return state.withLock { state in
            let spare = state.work.filter { $0.key >= threads }
            guard spare.count == spareThreads, !spare.values.contains(where: \.yields),
                spare.max(by: { $0.value.begun < $1.value.begun })?.key == thread,
                let work = spare[thread], isSlow(work, beyond: slowRender, at: now)
            else { return nil }
            return excludedFromSpare(&state, at: now)
        }
    }

    func begin(_ thread: Int, for account: Identifier<Account>) {
        state.withLock { $0.work[thread] = Work(account: account, begun: .now) }
    }

    /// - Parameter used: processor time that the thread's image has used so far.
    func note(_ used: Duration, by thread: Int) {
        state.withLock { $0.work[thread]?.used = used }
    }

    /// The thread releases its image: its account counts as slow.
    func yield(_ thread: Int) {
        state.withLock { $0.work[thread]?.yields = true }
    }

    func end(_ thread: Int) {
        let now = ContinuousClock.now
        state.withLock { state in
            guard let work = state.work.removeValue(forKey: thread) else { return }
            let isSlow = work.yields || isSlow(work, beyond: slowRender * 4, at: now)
            state.slow[work.account] = isSlow ? now : nil
        }
    }

    /// Called when a thread that is not spare exits.
    func leave() {
        state.withLock { $0.threads -= 1 }
    }

    /// By processor time, because on a busy machine quick images take long too; or by time, if it hangs.
    private func isSlow(
        _ work: Work, beyond limit: Duration, at now: ContinuousClock.Instant
    ) -> Bool {
        work.used > limit || now - work.begun > slowRender * 15
    }
}
