import Catalog
import Foundation
import Metrics
import Processes

/// What one slot has its pictures resized by: a child of the pool's for each, killed when it takes
/// too long. Used by one thread.
final class Resizer {
    enum Outcome {
        /// With the folder that the sizes are in.
        case rendered(Rendering, folder: String)
        case unusable(RenderFailure)
        case failed(RenderFailure)
        /// We were told to stop before it was done.
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

    /// Has the sizes made, renewing the lease every so often. Whatever the child does, this returns
    /// within the time limit.
    func render(
        _ claim: Claim, _ preset: Preset, with threads: Int, until bell: Bell,
        renew: () throws -> Void
    ) throws -> Outcome {
        let child = try pool.take(for: claim.image)
        self.child = child
        let folder: String
        do {
            folder = try child.order(
                claim, preset, configuration.renderLimits, threads: threads)
        } catch let error as SystemError where error.code == EPIPE {
            return .failed(.resizerEnded(ended()))
        } catch {
            end()
            throw error
        }
        guard let line = try report(of: child, until: bell, renew: renew) else { return .stopped }
        switch line {
        case .failure(let failure): return .failed(failure)
        case .success(let bytes):
            guard let report = try? JSONDecoder().decode(RenderReport.self, from: Data(bytes))
            else {
                end()
                return .failed(.resizerEnded("its report made no sense"))
            }
            return switch report {
            case .rendered(let rendering): .rendered(rendering, folder: folder)
            case .unusable(let failure): .unusable(failure)
            case .failed(let failure): .failed(failure)
            }
        }
    }

    /// A line of the child's, or why there will be none; nil when we were told to stop.
    private func report(
        of child: ResizerChild, until bell: Bell, renew: () throws -> Void
    ) throws -> Result<[UInt8], RenderFailure>? {
        let end = ContinuousClock.now + .seconds(configuration.renderSeconds)
        let renewal = configuration.lease / 3
        var nextRenewal = ContinuousClock.now + renewal
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            let now = ContinuousClock.now
            if now >= end {
                self.end()
                metrics?.countResizer(.timeout)
                return .failure(.timedOut(seconds: configuration.renderSeconds))
            }
            if let deadline = bell.deadline, now >= deadline {
                self.end()
                return nil
            }
            if now >= nextRenewal {
                do { try renew() } catch {
                    self.end()
                    throw error
                }
                nextRenewal = now + renewal
            }
            let pause = min(end - now, nextRenewal - now, .milliseconds(500))
            guard let bytes = try child.hear(within: pause) else { continue }
            if bytes.isEmpty { return .failure(.resizerEnded(ended())) }
            line += bytes
        }
        return .success(line)
    }

    /// Ends the child and says how it had ended.
    private func ended() -> String {
        defer { end() }
        metrics?.countResizer(.crashed)
        return child?.end().description ?? "it was gone"
    }
}

extension RenderFailure {
    /// `how` is an exit status or a signal.
    static func resizerEnded(_ how: String) -> RenderFailure {
        RenderFailure(
            code: "resizer_crashed",
            sentence: "The resizer ended while it worked on this picture: \(how).")
    }

    static func timedOut(seconds: Int) -> RenderFailure {
        RenderFailure(
            code: "render_timeout",
            sentence: "The picture took longer than \(seconds) seconds and was given up.")
    }
}
