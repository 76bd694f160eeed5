import Foundation
import Model
import Operations
import Processes
import Settings
import Synchronization

/// Which formats get sizes here at present. Tried before the first resizer starts, again when another
/// version of a library is there, and every so often while something does not work. Used by all threads.
final class Formats: Sendable {
    fileprivate struct State {
        var faults = FormatFaults.none
        var nextTrial: ContinuousClock.Instant?
        /// How often something began to work that had not.
        var recoveries = 0
        /// Something works that did not, or did not when this worker began.
        var hasRecovered = true
    }

    /// Between two trials of what does not work. One takes 0.1 s, two thirds of it the start of a resizer.
    private static let interval = Duration.seconds(10)
    /// A trial takes one part in so many of the time, also of a codec that hangs.
    private static let share = 20

    private let check: FormatCheck
    private let preset: Preset
    private let log: Log
    private let state = Mutex(State())
    /// One at a time.
    private let trial = Mutex(())

    init(_ configuration: Configuration, log: Log) {
        check = FormatCheck(configuration)
        preset = configuration.preset
        self.log = log
    }

    /// Why originals of this format get no sizes; nil when they do.
    func failure(of format: ImageFormat) -> RenderFailure? {
        let fault = state.withLock { $0.faults.fault(preventing: format, with: preset) }
        return fault.map { _ in .formatUnavailable(format) }
    }

    /// How often something began to work that had not: a resizer that started before may have libraries
    /// that do not work.
    var recoveries: Int { state.withLock { $0.recoveries } }

    /// Those that get none.
    var unavailable: Set<ImageFormat> {
        let taken = state.withLock { $0.faults.formats(with: preset) }
        return Set(ImageFormat.allCases).subtracting(taken)
    }

    /// Tries them if what is known may not hold any more. Others wait meanwhile, but not for what is known
    /// to fail.
    func refresh() {
        guard isDue() else { return }
        if state.withLock({ $0.faults == .none }) {
            trial.withLock { _ in attempt() }
        } else {
            _ = trial.withLockIfAvailable { _ in attempt() }
        }
    }

    private func isDue() -> Bool {
        state.withLock { state in
            if check.isSettled {
                state.note(.none, log)
                return false
            }
            return state.nextTrial.map { $0 <= .now } ?? true
        }
    }

    private func attempt() {
        // Somebody else may have done it.
        guard isDue() else { return }
        let begun = ContinuousClock.now
        let found = Result { try check.renew() }
        state.withLock { state in
            state.nextTrial = .now + max(Self.interval, (.now - begun) * Self.share)
            do { try state.note(found.get(), log) } catch {
                log.warning("the formats could not be tried: \(error)")
            }
        }
    }

    /// Whether images that were put off may be tried again; once.
    func takeRecovery() -> Bool {
        state.withLock { state in
            defer { state.hasRecovered = false }
            return state.hasRecovered
        }
    }
}

extension Formats.State {
    fileprivate mutating func note(_ found: FormatFaults, _ log: Log) {
        for fault in found.all where !faults.all.contains(fault) { log.error("\(fault.sentence)") }
        for fault in faults.all
        where !found.all.contains(where: { $0.format == fault.format && $0.step == fault.step }) {
            hasRecovered = true
            recoveries += 1
            let what = fault.step == .read ? "read" : "written"
            log.notice("\(fault.format.name) pictures are \(what) again")
        }
        faults = found
    }
}
