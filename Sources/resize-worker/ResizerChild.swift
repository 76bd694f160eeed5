import Foundation
import Media
import Metrics
import Model
import Processes
import ResizerClient
import Settings
import Synchronization

/// A resizer of the pool's, and what it has done. Used by one thread at a time.
final class ResizerChild: Sendable {
    /// What came of an order.
    enum Result {
        /// With the folder that the sizes are in, until `clear`.
        case rendered(Rendering, folder: String)
        case unusable(RenderFailure)
        case failed(RenderFailure)
        /// Whoever waited said so.
        case stopped
    }

    private struct State {
        var orders = 0
        var history = DecodingHistory()
        var inHand: (original: String, folder: String)?
    }

    private let configuration: Configuration
    private let process: ResizerProcess
    private let media: any MediaStore
    private let metrics: Metrics?
    private let state = Mutex(State())

    /// Orders given so far.
    var orders: Int { state.withLock { $0.orders } }
    var history: DecodingHistory { state.withLock { $0.history } }
    var hasEnded: Bool { process.hasEnded }
    var residentBytes: Int64 { process.residentBytes }

    /// `Formats.recoveries` when it began.
    let recoveries: Int

    /// - Parameter folder: the worker's.
    init(
        _ configuration: Configuration, _ media: any MediaStore, in folder: String,
        recoveries: Int, _ metrics: Metrics?
    ) throws {
        (self.configuration, self.media, self.metrics) = (configuration, media, metrics)
        self.recoveries = recoveries
        process = try ResizerProcess(configuration, in: folder)
    }

    /// Has the sizes made. Whatever the resizer does, this returns within the time limits; one that
    /// does not answer as it should has ended then. Throws `MediaError.missing` when there is no original.
    ///
    /// - Parameters:
    ///   - interval: how often `goesOn` is asked at the least, with the processor time used so far; false
    ///     stops the work.
    func render(
        _ claim: Claim, _ preset: Preset, threads: Int, asking interval: Duration,
        _ goesOn: (Duration) throws -> Bool
    ) throws -> Result {
        do {
            let folder = try order(claim, preset, threads: threads)
            let answer = try process.answer(
                within: configuration.renderBudget, asking: interval, goesOn)
            return result(answer, folder)
        } catch let error as SystemError where error.code == EPIPE {
            return result(.ended(process.end()), "")
        } catch {
            process.end()
            throw error
        }
    }

    private func order(_ claim: Claim, _ preset: Preset, threads: Int) throws -> String {
        let image = claim.image
        let number = state.withLock { state in
            state.orders += 1
            state.history.note(image)
            return state.orders
        }
        let folder = try process.makeOutput(String(number))
        let original = try media.withOriginal(image.id, image.format) {
            try process.lend($0, as: "\(image.id).\(image.format.fileExtension)")
        }
        state.withLock { $0.inHand = (original, folder) }
        try process.send(
            RenderOrder(
                original: original, format: image.format, fit: image.fit, folder: folder,
                preset: preset, limits: configuration.renderLimits, threads: threads,
                requestID: claim.requestID))
        return folder
    }

    private func result(_ answer: ResizerProcess.Answer, _ folder: String) -> Result {
        if case .line(let line) = answer,
            let report = try? JSONDecoder().decode(RenderReport.self, from: Data(line))
        {
            return switch report {
            case .rendered(let rendering): .rendered(rendering, folder: folder)
            case .unusable(let failure): .unusable(failure)
            case .failed(let failure): .failed(failure)
            }
        }
        process.end()
        switch answer {
        case .line, .endless: return .failed(.resizerEnded("its report made no sense"))
        case .exceeded(let excess): return timedOut(excess)
        // The kernel ends one that used up its processor time.
        case .ended(.killed(signal: SIGXCPU)): return timedOut(.processor)
        case .ended(let how):
            metrics?.countResizer(.crashed)
            return .failed(.resizerEnded(how.description))
        case .stopped: return .stopped
        }
    }

    /// Final: a second attempt would cost as much again, and so a file of a few megabytes would keep a
    /// core busy for a minute and a half. Its owner can ask for one.
    private func timedOut(_ excess: WorkBudget.Excess) -> Result {
        metrics?.countResizer(.timeout)
        return .unusable(.timedOut(excess, configuration.renderBudget))
    }

    /// Takes the original back, and what is left of its sizes: of an image that is deleted meanwhile
    /// nothing may stay here.
    func clear() throws {
        guard let last = state.withLock({ $0.inHand.take() }) else { return }
        _ = try Files.removeTree(last.original)
        _ = try Files.removeTree(last.folder)
    }

    /// Ends it, and removes its folder.
    func close() {
        process.close()
    }
}
