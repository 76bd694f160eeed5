import Catalog
import Foundation
import Logging
import Media
import Processes
import SQLiteCatalog

/// The steps from a claimed job to sizes that are served.
struct Render {
    private let worker: Worker
    private let catalog: SQLiteCatalog
    private let media: DiskMedia
    private let resizer: Resizer

    init(_ worker: Worker, _ catalog: SQLiteCatalog, _ resizer: Resizer) {
        self.worker = worker
        self.catalog = catalog
        self.resizer = resizer
        media = DiskMedia(worker.configuration.folders)
    }

    func run(_ claim: Claim) throws {
        let started = ContinuousClock.now
        let threads = idleCores()
        let waited = Timestamp.now().milliseconds - claim.image.uploadedAt.milliseconds
        do {
            defer { resizer.clear() }
            let outcome = try resizer.render(claim.image, with: threads, until: worker.bell) {
                try catalog.renew(claim.lease)
            }
            switch outcome {
            case .rendered(let rendering, let folder):
                try publish(rendering, of: claim, from: folder)
            case .unusable(let failure):
                try catalog.fail(claim.lease, because: failure, at: .now())
            case .failed(let failure):
                try catalog.retryLater(claim.lease, because: failure, at: .now())
            case .stopped: try catalog.release(claim.lease)
            }
            worker.log.info(
                """
                image \(claim.image.id) attempt \(claim.attempt): \(outcome.summary), \
                claimed after \(waited) ms, took \((ContinuousClock.now - started).wholeMilliseconds) ms \
                on \(threads) threads
                """)
        } catch CatalogError.leaseLost {
            try withdraw(claim)
        } catch MediaError.noSpace {
            _ = try? catalog.retryLater(claim.lease, because: .noSpace, at: .now())
        } catch MediaError.missing {
            try catalog.fail(claim.lease, because: .missing, at: .now())
        } catch let error as SystemError {
            worker.log.error("image \(claim.image.id): \(error)")
            _ = try? catalog.retryLater(claim.lease, because: .storage, at: .now())
        }
    }

    /// For this picture. With work for everyone, a thread each: two processes of one thread do a fifth
    /// more than one of two. With nobody waiting, all cores share the pictures in work, since what
    /// counts then is how soon each is there.
    private func idleCores() -> Int {
        guard let depth = try? catalog.depth() else { return 1 }
        let cores = min(worker.configuration.resizers, ProcessInfo.processInfo.activeProcessorCount)
        return depth.ready > 0 ? 1 : max(1, cores / max(1, depth.running))
    }

    /// Files first, then the row, then, if it is public, the link. The lease is checked before the
    /// rename, so that a worker that slept does not replace what another made.
    private func publish(_ rendering: Rendering, of claim: Claim, from folder: String) throws {
        try catalog.renew(claim.lease)
        try media.publish(folder, as: claim.image.id)
        try catalog.complete(claim.lease, with: rendering, at: .now())
        // Read again: its owner may have changed it meanwhile.
        let image = try catalog.image(claim.image.id, of: claim.image.account)
        if image?.visibility == .public { try media.link(claim.image.id) }
    }

    /// The job is another's by now, or the image was deleted: what is already published is then
    /// nobody's, and goes.
    private func withdraw(_ claim: Claim) throws {
        worker.log.notice("image \(claim.image.id): its lease was lost")
        if try catalog.existing([claim.image.id]).isEmpty {
            _ = try media.remove(claim.image.id)
        }
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
