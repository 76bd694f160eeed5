import Foundation
import Model
import Operations
import Processes
import Settings
import Synchronization

/// The formats that this worker can currently render. They are tried before the first resizer starts, again
/// when a library was replaced, and periodically while one does not work. Used by all threads.
final class FormatAvailability: Sendable {
    fileprivate struct State {
        var faults = FormatFaults.none
        var nextTrial: ContinuousClock.Instant?
        /// How many faults have disappeared.
        var recoveries = 0
        /// Whether a fault has disappeared since `takeRecovery`. True at first, because one may have
        /// disappeared before this worker started.
        var hasRecovered = true
    }

    /// Between two trials while a format does not work. A trial takes 0.1 s, two thirds of it for starting a
    /// resizer.
    private static let interval = Duration.seconds(10)
    /// Trials take at most 1/`share` of the time, even if a codec hangs.
    private static let share = 20

    private let check: FormatCheck
    private let preset: Preset
    private let log: Log
    private let state = Mutex(State())
    /// Held during a trial, so that there is one at a time.
    private let trial = Mutex(())

    init(_ configuration: Configuration, log: Log) {
        check = FormatCheck(configuration)
        preset = configuration.preset
        self.log = log
    }

    /// Why images of this format cannot be rendered; nil when they can.
    func failure(of format: ImageFormat) -> RenderFailure? {
        let fault = state.withLock { $0.faults.fault(preventing: format, with: preset) }
        return fault.map { _ in .formatUnavailable(format) }
    }

    /// How many faults have disappeared: a resizer that was started before the last one may have loaded
    /// libraries that do not work.
    var recoveries: Int { state.withLock { $0.recoveries } }

    /// Formats that cannot be rendered.
    var unavailable: Set<ImageFormat> {
        let taken = state.withLock { $0.faults.formats(with: preset) }
        return Set(ImageFormat.allCases).subtracting(taken)
    }

    /// Tries the formats if the last result may be outdated. While no fault is known, other threads wait for
    /// the trial; otherwise they continue with the last result.
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
            if check.isCurrent {
                state.note(.none, log)
                return false
            }
            return state.nextTrial.map { $0 <= .now } ?? true
        }
    }

    private func attempt() {
        // Another thread may have tried them meanwhile.
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

    /// Whether delayed images may be tried again. A recovery is reported once.
    func takeRecovery() -> Bool {
        state.withLock { state in
            defer { state.hasRecovered = false }
            return state.hasRecovered
        }
    }
}

extension FormatAvailability.State {
    fileprivate mutating func note(_ found: FormatFaults, _ log: Log) {
        for fault in found.all where !faults.all.contains(fault) { log.error("\(fault.sentence)") }
        for fault in faults.all
        where !found.all.contains(where: { $0.format == fault.format && $0.step == fault.step }) {
            hasRecovered = true
            recoveries += 1
            let what = fault.step == .read ? "read" : "written"
            log.notice("\(fault.format.name) images can be \(what) again")
        }
        faults = found
    }
}
