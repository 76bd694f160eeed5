import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// The steps from a claimed job to variants that are served. For one thread, like its catalog.
struct Render {
    let operations: Operations
    let pool: ResizerPool
    let formats: FormatAvailability
    let links: PendingLinks
    let signal: WorkSignal
    let log: Log

    private var configuration: Configuration { operations.configuration }
    private var queue: any JobQueue { operations.catalog.queue }
    private var media: any MediaStore { operations.media }

    /// How many threads render this image. One while jobs wait: two processes with one thread each render a
    /// fifth more than one process with two. When none waits, the running jobs share all cores, because then
    /// it counts how soon each is finished.
    func threads(for claim: Claim) -> Int {
        guard !claim.isRerender, let depth = try? queue.depth() else { return 1 }
        let cores = min(configuration.resizers, ProcessInfo.processInfo.activeProcessorCount)
        return depth.ready > 0 ? 1 : max(1, cores / max(1, depth.running))
    }

    /// - Parameter mustYield: called periodically with the processor time used so far; true: release the
    ///   job.
    func run(
        _ claim: Claim, threads: Int, mustYield: (Duration) -> Bool
    ) throws -> AttemptOutcome {
        do {
            return try attempt(claim, threads, mustYield)
        } catch CatalogError.leaseLost {
            try withdraw(claim)
            return .lost
        } catch  where ReservedSpace.isFull(error) {
            try delay(claim)
            return .delayed(.noSpace)
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
        var toRender = preset
        if claim.isRerender {
            // Only the variants that the image lacks, and none while the disk is nearly full: the old ones
            // stay.
            toRender = Preset(
                sizes: preset.missing(from: claim.image.variants, of: claim.image.format),
                encoding: preset.encoding)
            if toRender.sizes.isEmpty, let pixels = claim.image.pixels {
                let none = Rendering(pixels: pixels, variants: [], placeholder: nil)
                let kept = none.keeping(claim.image, as: preset)
                try queue.complete(claim.lease, with: kept, at: .now())
                return .complete(variants: kept.variants.count)
            }
            guard try media.freeBytes() > configuration.diskReserve else {
                throw MediaError.noSpace
            }
        }
        if let failure = formats.failure(of: claim.image.format) {
            return try delayFormat(claim, because: failure)
        }
        return try pool.withResizer(for: claim.image) { resizer in
            var renewal = LeaseRenewal(claim.lease, lasting: configuration.lease, queue)
            let result = try resizer.render(
                claim, toRender, threads: threads, asking: min(renewal.interval, .milliseconds(500))
            ) { used in
                if signal.isPastDeadline || mustYield(used) { return false }
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
            let all = claim.isRerender ? rendering.keeping(claim.image, as: preset) : rendering
            try publish(all, of: claim, from: folder)
            return .complete(variants: all.variants.count)
        case .stopped:
            try queue.release(claim.lease)
            return .released
        case .imageFailed(let failure), .failed(let failure):
            // If the format does not work, the failure is not the image's. A library may have been replaced
            // since this image was claimed.
            formats.refresh()
            if let failure = formats.failure(of: claim.image.format) {
                return try delayFormat(claim, because: failure)
            }
            // Thrown, so that the pool removes the rendered files before a row is written.
            if failure.code == RenderFailure.noSpace.code { throw MediaError.noSpace }
            guard case .imageFailed = result else { return try later(claim, because: failure) }
            try queue.fail(claim.lease, because: failure, at: .now())
            return .failed(failure)
        }
    }

    /// Publishes the files first, then the row, then the link if the image is public. The lease is checked
    /// before the rename, so that a worker that was suspended does not replace another worker's files.
    private func publish(_ rendering: Rendering, of claim: Claim, from folder: String) throws {
        try queue.renew(claim.lease)
        if claim.isRerender {
            try media.merge(folder, into: claim.image.id)
        } else {
            try media.publish(folder, as: claim.image.id)
        }
        try queue.complete(claim.lease, with: rendering, at: .now())
        try links.link(claim.image.id, operations)
    }

    /// Queues another attempt, if one is left.
    private func later(_ claim: Claim, because failure: RenderFailure) throws -> AttemptOutcome {
        try queue.retryLater(claim.lease, because: failure, at: .now()) == .dead
            ? .dead(failure) : .retried(failure)
    }

    /// Delays the job until the disk may have room, because a full disk is not the image's fault. While the
    /// disk is full, even this change may have to wait. The next job would find no room either, so the thread
    /// waits before it claims one.
    private func delay(_ claim: Claim) throws {
        log.about(claim).warning("image \(claim.image.id): no_space; trying again in 5 s")
        while true {
            do {
                try queue.delay(claim.lease, by: .seconds(5), because: .noSpace)
                return signal.wait(after: signal.count, atMost: 1)
            } catch CatalogError.noSpace where !signal.isStopping {
                Thread.sleep(forTimeInterval: 0.5)
            } catch CatalogError.leaseLost {
                return  // Another worker has the job, or the image was deleted.
            }
        }
    }

    /// Delays the job until its format works again, together with due jobs of other formats that do not work.
    /// They are due again after 60 s, even if the recovery is not noticed.
    private func delayFormat(_ claim: Claim, because failure: RenderFailure) throws
        -> AttemptOutcome
    {
        try queue.delay(claim.lease, by: .seconds(60), because: failure)
        try queue.delay(formats.unavailable, by: .seconds(60), because: failure)
        return .delayed(failure)
    }

    /// Another worker has the job by now, or the image was deleted. In the second case removes the variants
    /// that this worker may have published. The deletion removes the original.
    private func withdraw(_ claim: Claim) throws {
        // Nil also while the image is being deleted: the deletion may have removed its files before this
        // worker published new ones.
        let image = try operations.catalog.images.image(claim.image.id, of: claim.image.account)
        if image == nil { _ = try media.removeDerived(of: claim.image.id) }
    }
}

extension Rendering {
    /// Adds the variants that the image already has, in the preset's order.
    fileprivate func keeping(_ image: Image, as preset: Preset) -> Rendering {
        let all = variants + image.variants
        return Rendering(
            pixels: pixels,
            variants: preset.sizes.compactMap { size in all.first { $0.name == size.name } },
            placeholder: image.placeholder ?? placeholder)
    }
}

extension Log {
    /// For records about this image: they contain the job and the request that queued it.
    func about(_ claim: Claim) -> Log {
        about(
            [
                ("attempt", .integer(claim.attempt)), ("image", .text(claim.image.id.text)),
                ("job", .text(claim.lease.job.text)),
            ] + (claim.requestID.map { [("requestId", .text($0))] } ?? []))
    }
}
