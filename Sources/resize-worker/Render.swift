import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// The steps from a claimed job to sizes that are served. For one thread, as its catalog is.
struct Render {
    let operations: Operations
    let pool: ResizerPool
    let formats: Formats
    let links: PendingLinks
    let bell: Bell
    let log: Log

    private var configuration: Configuration { operations.configuration }
    private var queue: any JobQueue { operations.catalog.queue }
    private var media: any MediaStore { operations.media }

    /// For this picture. With work for everyone, a thread each: two processes of one thread do a fifth
    /// more than one of two. With nobody waiting, all cores share the pictures in work, since what
    /// counts then is how soon each is there.
    func threads(for claim: Claim) -> Int {
        guard !claim.isRedo, let depth = try? queue.depth() else { return 1 }
        let cores = min(configuration.resizers, ProcessInfo.processInfo.activeProcessorCount)
        return depth.ready > 0 ? 1 : max(1, cores / max(1, depth.running))
    }

    /// - Parameter mustYield: asked every so often, with the processor time used so far, whether to hand
    ///   the job back.
    func run(
        _ claim: Claim, threads: Int, mustYield: (Duration) -> Bool
    ) throws -> AttemptOutcome {
        do {
            return try attempt(claim, threads, mustYield)
        } catch CatalogError.leaseLost {
            try withdraw(claim)
            return .lost
        } catch  where Ballast.isFull(error) {
            try postpone(claim)
            return .postponed(.noSpace)
        } catch MediaError.missing {
            try queue.fail(claim.lease, because: .missing, at: .now())
            return .failed(.missing)
        } catch let error as SystemError {
            log.about(claim).error("image \(claim.image.id): \(error)")
            return (try? later(claim, because: .storage)) ?? .lost
        }
    }

    private func attempt(
        _ claim: Claim, _ threads: Int, _ mustYield: (Duration) -> Bool
    ) throws -> AttemptOutcome {
        let preset = configuration.preset
        var order = preset
        if claim.isRedo {
            // Only the sizes that the image has not yet, and none while there is no room beside those
            // that stay.
            order = Preset(
                sizes: preset.missing(from: claim.image.variants, of: claim.image.format),
                encoding: preset.encoding)
            if order.sizes.isEmpty, let pixels = claim.image.pixels {
                let none = Rendering(pixels: pixels, variants: [], placeholder: nil)
                let kept = none.keeping(claim.image, as: preset)
                try queue.complete(claim.lease, with: kept, at: .now())
                return .complete(sizes: kept.variants.count)
            }
            guard try media.freeBytes() > configuration.diskReserve else {
                throw MediaError.noSpace
            }
        }
        if let failure = formats.failure(of: claim.image.format) {
            return try putOff(claim, because: failure)
        }
        return try pool.withResizer(for: claim.image) { resizer in
            var renewal = LeaseRenewal(claim.lease, lasting: configuration.lease, queue)
            let result = try resizer.render(
                claim, order, threads: threads, asking: min(renewal.interval, .milliseconds(500))
            ) { used in
                if bell.isOutOfPatience || mustYield(used) { return false }
                try renewal.renewIfDue()
                return true
            }
            return try record(result, of: claim, as: preset)
        }
    }

    private func record(
        _ result: ResizerChild.Result, of claim: Claim, as preset: Preset
    ) throws -> AttemptOutcome {
        switch result {
        case .rendered(let rendering, let folder):
            let all = claim.isRedo ? rendering.keeping(claim.image, as: preset) : rendering
            try publish(all, of: claim, from: folder)
            return .complete(sizes: all.variants.count)
        case .stopped:
            try queue.release(claim.lease)
            return .released
        case .unusable(let failure), .failed(let failure):
            // Where its format does not work, the image is not to blame for what comes of it. A library
            // may have been replaced since this image was claimed.
            formats.refresh()
            if let failure = formats.failure(of: claim.image.format) {
                return try putOff(claim, because: failure)
            }
            // What it left goes before rows are written.
            if failure.code == RenderFailure.noSpace.code { throw MediaError.noSpace }
            guard case .unusable = result else { return try later(claim, because: failure) }
            try queue.fail(claim.lease, because: failure, at: .now())
            return .failed(failure)
        }
    }

    /// Files first, then the row, then, if it is public, the link. The lease is checked before the
    /// rename, so that a worker that slept does not replace what another made.
    private func publish(_ rendering: Rendering, of claim: Claim, from folder: String) throws {
        try queue.renew(claim.lease)
        if claim.isRedo {
            try media.merge(folder, into: claim.image.id)
        } else {
            try media.publish(folder, as: claim.image.id)
        }
        try queue.complete(claim.lease, with: rendering, at: .now())
        try links.link(claim.image.id, operations)
    }

    /// Another attempt, if there is one left.
    private func later(_ claim: Claim, because failure: RenderFailure) throws -> AttemptOutcome {
        try queue.retryLater(claim.lease, because: failure, at: .now()) == .dead
            ? .dead(failure) : .retried(failure)
    }

    /// Again when there may be room: a full disk is no fault of the picture, and while it is full,
    /// even this may have to wait. The next job that waits finds no room either, so it is not taken
    /// at once.
    private func postpone(_ claim: Claim) throws {
        log.about(claim).warning("image \(claim.image.id): no_space; again in 5 s")
        while true {
            do {
                try queue.postpone(claim.lease, by: .seconds(5), because: .noSpace)
                return bell.wait(after: bell.rings, atMost: 1)
            } catch CatalogError.noSpace where !bell.isStopping {
                Thread.sleep(forTimeInterval: 0.5)
            } catch CatalogError.leaseLost {
                return  // Others have it, or nobody: its image was deleted.
            }
        }
    }

    /// Until its format works again, with all others that would be claimed to no end. They come back by
    /// themselves, in case nobody notices that it does.
    private func putOff(_ claim: Claim, because failure: RenderFailure) throws -> AttemptOutcome {
        try queue.postpone(claim.lease, by: .seconds(60), because: failure)
        try queue.postpone(formats.unavailable, by: .seconds(60), because: failure)
        return .postponed(failure)
    }

    /// The job is another's by now, or the image was deleted: what is already published is then
    /// nobody's, and goes. The original is not this worker's to remove.
    private func withdraw(_ claim: Claim) throws {
        // Not there either while it is being deleted: whoever does that may have passed its files.
        let image = try operations.catalog.images.image(claim.image.id, of: claim.image.account)
        if image == nil { _ = try media.removeDerived(of: claim.image.id) }
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

extension Log {
    /// Lines about this picture: they carry the request that asked for it.
    func about(_ claim: Claim) -> Log {
        about(
            [
                ("attempt", .integer(claim.attempt)), ("image", .text(claim.image.id.text)),
                ("job", .text(claim.lease.job.text)),
            ] + (claim.requestID.map { [("requestId", .text($0))] } ?? []))
    }
}
