import Foundation
import Media
import Metrics
import Model
import Processes
import ResizerClient
import Settings
import Synchronization

/// A resizer of the pool, and what it has done. Used by one thread at a time.
final class ResizerChild: Sendable {
    /// The result of a request.
    enum Result {
        /// The variants are in `folder` until `clear` is called.
        case rendered(Rendering, folder: String)
        /// The image itself cannot be rendered; another attempt would fail in the same way.
        case imageFailed(RenderFailure)
        /// Worth another attempt.
        case failed(RenderFailure)
        /// `shouldContinue` returned false.
        case stopped
    }

    private struct State {
        var requests = 0
        var history = DecodingHistory()
        /// Paths of the last request's files, until `clear`.
        var current: (original: String, folder: String)?
    }

    private let configuration: Configuration
    private let process: ResizerProcess
    private let media: any MediaStore
    private let metrics: Metrics?
    private let state = Mutex(State())

    /// Number of requests so far.
    var requests: Int { state.withLock { $0.requests } }
    var history: DecodingHistory { state.withLock { $0.history } }
    var hasEnded: Bool { process.hasEnded }
    var residentBytes: Int64 { process.residentBytes }

    /// `FormatAvailability.recoveries` when it was started.
    let recoveries: Int

    /// - Parameter folder: the worker's, in which the resizer's folder is made.
    init(
        _ configuration: Configuration, _ media: any MediaStore, in folder: String,
        recoveries: Int, _ metrics: Metrics?
    ) throws {
        (self.configuration, self.media, self.metrics) = (configuration, media, metrics)
        self.recoveries = recoveries
        process = try ResizerProcess(configuration, in: folder)
    }

    /// Renders the image's variants. Returns within the time limits, regardless of what the resizer does; a
    /// resizer without a valid report has been killed by then. Throws `MediaError.missing` when there is no
    /// original.
    ///
    /// - Parameters:
    ///   - interval: the longest time between two calls of `shouldContinue`, which gets the processor time used so
    ///     far. If `shouldContinue` returns false, the work is stopped.
    func render(
        _ claim: Claim, _ preset: Preset, threads: Int, asking interval: Duration,
        _ shouldContinue: (Duration) throws -> Bool
    ) throws -> Result {
        do {
            let folder = try send(claim, preset, threads: threads)
            let answer = try process.answer(
                within: configuration.renderBudget, asking: interval, shouldContinue)
            return result(answer, folder)
        } catch let error as SystemError where error.code == EPIPE {
            return result(.ended(process.end()), "")
        } catch {
            process.end()
            throw error
        }
    }

    private func send(_ claim: Claim, _ preset: Preset, threads: Int) throws -> String {
        let image = claim.image
        let number = state.withLock { state in
            state.requests += 1
            state.history.note(image)
            return state.requests
        }
        let folder = try process.makeOutput(String(number))
        let original = try media.withOriginal(image.id, image.format) {
            try process.hardlinkOriginal($0, as: "\(image.id).\(image.format.fileExtension)")
        }
        state.withLock { $0.current = (original, folder) }
        try process.send(
            RenderRequest(
                original: original, format: image.format, fit: image.fit, folder: folder,
                preset: preset, limits: configuration.renderLimits, threads: threads,
                requestID: claim.requestID))
        return folder
    }

    private func result(_ answer: ResizerProcess.Answer, _ folder: String) -> Result {
        if case .line(let line) = answer,
            let report = try? JSONDecoder().decode(RenderResult.self, from: Data(line))
        {
            return switch report {
            case .rendered(let rendering): .rendered(rendering, folder: folder)
            case .imageFailed(let failure): .imageFailed(failure)
            case .failed(let failure): .failed(failure)
            }
        }
        process.end()
        switch answer {
        case .line, .endless: return .failed(.resizerEnded("its report was not valid"))
        case .exceeded(let excess): return timedOut(excess)
        // The kernel kills a resizer that has used up its processor time.
        case .ended(.killed(signal: SIGXCPU)): return timedOut(.processor)
        case .ended(let how):
            metrics?.countResizer(.crashed)
            return .failed(.resizerEnded(how.description))
        case .stopped: return .stopped
        }
    }

    /// A final failure: a second attempt would cost as much again, so that a file of a few megabytes would
    /// keep a core busy for a minute and a half. The owner can request another attempt.
    private func timedOut(_ excess: WorkBudget.Excess) -> Result {
        metrics?.countResizer(.timeout)
        return .imageFailed(.timedOut(excess, configuration.renderBudget))
    }

    /// Removes the original's hard link and what is left of the variants: nothing of an image that is deleted
    /// meanwhile may stay in the resizer's folder.
    func clear() throws {
        guard let last = state.withLock({ $0.current.take() }) else { return }
        _ = try Files.removeTree(last.original)
        _ = try Files.removeTree(last.folder)
    }

    /// Ends it, and removes its folder.
    func close() {
        process.close()
    }
}
