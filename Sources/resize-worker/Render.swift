import Foundation
import Media
import Metrics
import Model
import Operations
import Processes

/// The steps from a claimed job to sizes that are served.
struct Render {
    private let worker: Worker
    private let operations: Operations
    private let resizer: Resizer
    private var catalog: any Catalog { operations.catalog }
    private var media: DiskMedia { operations.media }

    init(_ worker: Worker, _ operations: Operations, _ resizer: Resizer) {
        self.worker = worker
        self.operations = operations
        self.resizer = resizer
    }

    /// - Parameter mustYield: asked every so often, with the processor time used so far, whether to hand
    ///   the job back.
    func run(_ claim: Claim, mustYield: @escaping (Duration) -> Bool) throws {
        let started = ContinuousClock.now
        let threads = claim.isRedo ? 1 : idleCores()
        let waited = Timestamp.now().milliseconds - claim.queuedAt.milliseconds
        let log = worker.log(about: claim)
        let result: Metrics.AttemptResult
        var words: String
        do {
            defer { resizer.clear() }
            if try isDoneAsItIs(claim) { return }
            let outcome = try outcome(of: claim, with: threads, mustYield)
            words = outcome.summary
            switch outcome {
            case .rendered(let rendering, let folder):
                try publish(rendering, of: claim, from: folder)
                result = .complete
            case .unusable(let failure):
                try catalog.queue.fail(claim.lease, because: failure, at: .now())
                result = .failed
            case .failed(let failure) where failure.code == RenderFailure.noSpace.code:
                throw MediaError.noSpace  // What it left goes before rows are written.
            case .failed(let failure) where failure.code == RenderFailure.formatUnavailableCode:
                try putOff(claim, because: failure)
                result = .postponed
            case .failed(let failure):
                result = try later(claim, because: failure)
            case .stopped:
                try catalog.queue.release(claim.lease)
                result = .released
            }
        } catch CatalogError.leaseLost {
            try withdraw(claim)
            words = "its lease was lost"
            result = .lost
        } catch  where Ballast.isFull(error) {
            try postpone(claim)
            words = RenderFailure.noSpace.code
            result = .postponed
        } catch MediaError.missing {
            try catalog.queue.fail(claim.lease, because: .missing, at: .now())
            words = RenderFailure.missing.code
            result = .failed
        } catch let error as SystemError {
            log.error("image \(claim.image.id): \(error)")
            words = RenderFailure.storage.code
            result = (try? later(claim, because: .storage)) ?? .lost
        }
        let time = ContinuousClock.now - started
        worker.metrics?.countAttempt(result, took: time)
        log.info(
            """
            image \(claim.image.id) attempt \(claim.attempt): \(words), \
            claimed after \(waited) ms, took \(time.wholeMilliseconds) ms \
            on \(threads) threads
            """,
            [
                ("result", .text("\(result)")), ("waited", .number(Double(waited) / 1000)),
                ("seconds", .number(Double(time.wholeMilliseconds) / 1000)),
            ])
    }

    /// Another attempt, if there is one left.
    private func later(
        _ claim: Claim, because failure: RenderFailure
    ) throws -> Metrics.AttemptResult {
        try catalog.queue.retryLater(claim.lease, because: failure, at: .now()) == .dead
            ? .dead : .retried
    }

    /// For this picture. With work for everyone, a thread each: two processes of one thread do a fifth
    /// more than one of two. With nobody waiting, all cores share the pictures in work, since what
    /// counts then is how soon each is there.
    private func idleCores() -> Int {
        guard let depth = try? catalog.queue.depth() else { return 1 }
        let cores = min(worker.configuration.resizers, ProcessInfo.processInfo.activeProcessorCount)
        return depth.ready > 0 ? 1 : max(1, cores / max(1, depth.running))
    }

    /// Where its format does not work, the image is not to blame for what comes of it.
    private func outcome(
        of claim: Claim, with threads: Int, _ mustYield: @escaping (Duration) -> Bool
    ) throws -> Resizer.Outcome {
        let formats = worker.formats
        let format = claim.image.format
        if let failure = formats.failure(of: format) { return .failed(failure) }
        let outcome = try render(claim, with: threads, mustYield)
        switch outcome {
        case .rendered, .stopped: return outcome
        case .unusable, .failed:
            // A library may have been replaced since this image was claimed.
            formats.refresh()
            return formats.failure(of: format).map { .failed($0) } ?? outcome
        }
    }

    /// Of a redo only the sizes that the image has not yet, and none while there is no room beside
    /// those that stay.
    private func render(
        _ claim: Claim, with threads: Int, _ mustYield: @escaping (Duration) -> Bool
    ) throws -> Resizer.Outcome {
        let preset = worker.configuration.preset
        guard claim.isRedo else { return try render(claim, preset, with: threads, mustYield) }
        guard try media.freeBytes() > worker.configuration.diskReserve else {
            return .failed(.noSpace)
        }
        let missing = preset.missing(from: claim.image.variants, of: claim.image.format)
        let rest = Preset(sizes: missing, encoding: preset.encoding)
        let outcome = try render(claim, rest, with: threads, mustYield)
        guard case .rendered(let rendering, let folder) = outcome else { return outcome }
        return .rendered(rendering.keeping(claim.image, as: preset), folder: folder)
    }

    /// A redo that only leaves sizes out makes none.
    private func isDoneAsItIs(_ claim: Claim) throws -> Bool {
        let (image, preset) = (claim.image, worker.configuration.preset)
        guard claim.isRedo, let pixels = image.pixels,
            preset.missing(from: image.variants, of: image.format).isEmpty
        else { return false }
        let none = Rendering(pixels: pixels, variants: [], placeholder: nil)
        try catalog.queue.complete(claim.lease, with: none.keeping(image, as: preset), at: .now())
        return true
    }

    private func render(
        _ claim: Claim, _ preset: Preset, with threads: Int,
        _ mustYield: @escaping (Duration) -> Bool
    ) throws -> Resizer.Outcome {
        let supervision = Resizer.Supervision(mustYield: mustYield) {
            try catalog.queue.renew(claim.lease)
        }
        return try resizer.render(
            claim, preset, with: threads, until: worker.bell, supervision)
    }

    /// Files first, then the row, then, if it is public, the link. The lease is checked before the
    /// rename, so that a worker that slept does not replace what another made.
    private func publish(_ rendering: Rendering, of claim: Claim, from folder: String) throws {
        try catalog.queue.renew(claim.lease)
        if claim.isRedo {
            try media.merge(folder, into: claim.image.id)
        } else {
            try media.publish(folder, as: claim.image.id)
        }
        try catalog.queue.complete(claim.lease, with: rendering, at: .now())
        try worker.links.link(claim.image.id, operations)
    }

    /// Again when there may be room: a full disk is no fault of the picture, and while it is full,
    /// even this may have to wait. The next job that waits finds no room either, so it is not taken
    /// at once.
    private func postpone(_ claim: Claim) throws {
        worker.log(about: claim).warning("image \(claim.image.id): no_space; again in 5 s")
        while true {
            do {
                try catalog.queue.postpone(claim.lease, by: .seconds(5), because: .noSpace)
                return worker.bell.wait(after: worker.bell.rings, atMost: 1)
            } catch CatalogError.noSpace where !worker.bell.isStopping {
                Thread.sleep(forTimeInterval: 0.5)
            } catch CatalogError.leaseLost {
                return  // Others have it, or nobody: its image was deleted.
            }
        }
    }

    /// Until its format works again, with all others that would be claimed to no end. They come back by
    /// themselves, in case nobody notices that it does.
    private func putOff(_ claim: Claim, because failure: RenderFailure) throws {
        try catalog.queue.postpone(claim.lease, by: .seconds(60), because: failure)
        try catalog.queue.postpone(worker.formats.unavailable, by: .seconds(60), because: failure)
    }

    /// The job is another's by now, or the image was deleted: what is already published is then
    /// nobody's, and goes. The original is not this worker's to remove.
    private func withdraw(_ claim: Claim) throws {
        // Not there either while it is being deleted: whoever does that may have passed its files.
        if try catalog.images.image(claim.image.id, of: claim.image.account) == nil {
            _ = try media.removeDerived(of: claim.image.id)
        }
    }
}

extension Rendering {
    /// With the sizes that the image has already, in the preset's order.
    fileprivate func keeping(_ image: Image, as preset: Preset) -> Rendering {
        let all = variants + image.variants
        return Rendering(
            pixels: pixels,
            variants: preset.sizes.compactMap { size in all.first { $0.name == size.name } },
            placeholder: image.placeholder ?? placeholder)
    }
}

extension RenderFailure {
    static let noSpace = RenderFailure(
        code: "no_space", sentence: "The server's disk was full while sizes were made.")
    static let missing = RenderFailure(
        code: "original_missing", sentence: "The original is not on the server's disk any more.")
    static let storage = RenderFailure(
        code: "storage_failed", sentence: "The sizes could not be written to the server's disk.")
}

extension Worker {
    /// For lines about this picture: they carry the request that asked for it.
    func log(about claim: Claim) -> Log {
        log.about(
            [
                ("attempt", .integer(claim.attempt)), ("image", .text(claim.image.id.text)),
                ("job", .text(claim.lease.job.text)),
            ] + (claim.requestID.map { [("requestId", .text($0))] } ?? []))
    }
}
