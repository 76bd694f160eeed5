import Foundation
import Metrics
import Model
import Processes
import ResizerClient
import Settings

/// What one slot has its pictures resized by: a child of the pool's for each, killed when it takes
/// too long. Used by one thread.
final class Resizer {
    enum Outcome {
        /// With the folder that the sizes are in.
        case rendered(Rendering, folder: String)
        case unusable(RenderFailure)
        case failed(RenderFailure)
        /// We were told to stop, or gave way to others, before it was done.
        case stopped

        /// For the log.
        var summary: String {
            switch self {
            case .rendered(let rendering, _): "\(rendering.variants.count) sizes"
            case .unusable(let failure), .failed(let failure): failure.code
            case .stopped: "handed back"
            }
        }
    }

    private let configuration: Configuration
    private let pool: ResizerPool
    private let metrics: Metrics?
    /// The one that has the picture in hand.
    private var child: ResizerChild?

    init(_ worker: Worker) {
        configuration = worker.configuration
        pool = worker.pool
        metrics = worker.metrics
    }

    /// To be called when a picture is done with, whatever came of it.
    func clear() {
        guard let child else { return }
        do { try child.clear() } catch { return end() }  // The child's folder goes with the child.
        self.child = nil
        pool.giveBack(child)
    }

    private func end() {
        guard child.take() != nil else { return }
        pool.giveUp()
    }

    /// What is asked of the caller while the child works.
    struct Supervision {
        /// Tells the processor time used so far; true stops the work.
        let mustYield: (Duration) -> Bool
        /// Renews the lease.
        let renew: () throws -> Void
    }

    /// Has the sizes made, renewing the lease every so often. Whatever the child does, this returns
    /// within the time limits.
    func render(
        _ claim: Claim, _ preset: Preset, with threads: Int, until bell: Bell,
        _ supervision: Supervision
    ) throws -> Outcome {
        let child = try pool.take(for: claim.image)
        self.child = child
        let renewal = configuration.lease / 3
        var nextRenewal = ContinuousClock.now + renewal
        do {
            let folder = try child.order(
                claim, preset, configuration.renderLimits, threads: threads)
            let answer = try child.process.answer(
                within: configuration.renderBudget, asking: min(renewal, .milliseconds(500))
            ) { used in
                let now = ContinuousClock.now
                if isOver(bell, at: now) || supervision.mustYield(used) { return false }
                if now >= nextRenewal {
                    try supervision.renew()
                    nextRenewal = now + renewal
                }
                return true
            }
            return outcome(answer, folder)
        } catch let error as SystemError where error.code == EPIPE {
            return outcome(.ended(child.process.end()), "")
        } catch {
            end()
            throw error
        }
    }

    private func outcome(_ answer: ResizerProcess.Answer, _ folder: String) -> Outcome {
        switch answer {
        case .line(let line):
            switch try? JSONDecoder().decode(RenderReport.self, from: Data(line)) {
            case .rendered(let rendering): return .rendered(rendering, folder: folder)
            case .unusable(let failure): return .unusable(failure)
            case .failed(let failure): return .failed(failure)
            case nil: break
            }
            end()
            return .failed(.resizerEnded("its report made no sense"))
        case .endless:
            end()
            return .failed(.resizerEnded("its report made no sense"))
        case .exceeded(let excess):
            end()
            metrics?.countResizer(.timeout)
            return timedOut(excess)
        // The kernel ends one that used up its processor time.
        case .ended(.killed(signal: SIGXCPU)):
            end()
            metrics?.countResizer(.timeout)
            return timedOut(.processor)
        case .ended(let how):
            end()
            metrics?.countResizer(.crashed)
            return .failed(.resizerEnded(how.description))
        case .stopped:
            end()
            return .stopped
        }
    }

    /// Whether work in hand is to be given back by now.
    private func isOver(_ bell: Bell, at now: ContinuousClock.Instant) -> Bool {
        bell.deadline.map { now >= $0 } ?? false
    }

    /// Final: a second attempt would cost as much again, and so a file of a few megabytes would keep a
    /// core busy for a minute and a half. Its owner can ask for one.
    private func timedOut(_ excess: WorkBudget.Excess) -> Outcome {
        .unusable(.timedOut(excess, configuration.renderBudget))
    }
}

extension RenderFailure {
    /// `how` is an exit status or a signal.
    static func resizerEnded(_ how: String) -> RenderFailure {
        RenderFailure(
            code: "resizer_crashed",
            sentence: "The resizer ended while it worked on this picture: \(how).")
    }

    static func timedOut(
        _ excess: WorkBudget.Excess, _ limits: WorkBudget.Limits
    ) -> RenderFailure {
        let reason =
            switch excess {
            case .processor:
                "needs more than \(limits.processor.wholeSeconds) seconds of processor time, which is "
                    + "the most that is allowed"
            case .stall:
                "made no progress for \(limits.stall.wholeSeconds) seconds"
            case .total:
                "was not done after \(limits.total.wholeSeconds) seconds"
            }
        return RenderFailure(
            code: "render_timeout", sentence: "This image \(reason). It was given up.")
    }
}
