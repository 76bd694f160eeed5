import Catalog
import Foundation
import Logging
import Media
import Processes
import SQLiteCatalog

/// Finishes what a crash left, and makes disk and catalog agree. Two workers may do it at once.
struct Housekeeper {
    /// An upload may take an hour to arrive; nothing of it is older when it gets its row.
    private static let orphanAge = Duration.seconds(3600)
    /// An idempotency key holds for a day, and so does what is kept of an ended job.
    private static let jobAge = Duration.seconds(86400)

    private let media: DiskMedia
    private let catalog: SQLiteCatalog
    private let checkpointer: Checkpointer?
    private let refreshLifetime: Duration
    private let log: Logger

    init(_ configuration: Configuration, _ catalog: SQLiteCatalog, _ log: Logger) throws {
        refreshLifetime = configuration.refreshLifetime
        media = DiskMedia(configuration.folders)
        self.catalog = catalog
        self.log = log
        checkpointer =
            configuration.journal == .wal
            ? try Checkpointer(path: configuration.folders.catalog) : nil
    }

    /// Failures are logged, and the next sweep tries again: serving goes on.
    func sweep() {
        attempt("end deletions", endDeletions)
        attempt("remove litter", removeLitter)
        attempt("remove orphans", removeOrphans)
        attempt("mend links", mendLinks)
        prune("jobs") { try catalog.prune(endedBefore: .now() - Self.jobAge) }
        prune("idempotency keys") {
            try catalog.pruneIdempotencyKeys(usedBefore: .now() - Self.jobAge)
        }
        prune("sessions") { try catalog.pruneSessions(rotatedBefore: .now() - refreshLifetime) }
        prune("login attempts") { try catalog.pruneAttempts(at: .now()) }
    }

    /// Folds the write-ahead log into the database: this worker alone may (Checkpointer says why).
    func checkpoint() {
        guard let checkpointer else { return }
        attempt("checkpoint") { try checkpointer.checkpoint() }
    }

    /// Row first, files after: what is left of a deletion is begun again from the files.
    private func endDeletions() throws {
        for image in try catalog.unfinishedDeletions() {
            _ = try media.remove(image.id)
            try catalog.finishDeletion(of: image.id)
        }
        for account in try catalog.unfinishedAccountDeletions() {
            _ = try media.finishDeletion(of: account, in: catalog)
        }
    }

    private func removeLitter() throws {
        let count = try media.removeStale(olderThan: Self.orphanAge)
        if count > 0 { log.notice("removed \(count) left-overs of uploads and jobs") }
    }

    /// Files whose row never came, or is gone.
    private func removeOrphans() throws {
        for shard in DataFolders.shards {
            let contents = try media.contents(ofShard: shard, olderThan: Self.orphanAge)
            let found = contents.originals.union(contents.variants)
            for id in found.subtracting(try catalog.existing(Array(found))) {
                log.notice("image \(id) has files but no row; removing them")
                _ = try media.remove(id)
            }
        }
    }

    /// Public and complete: a link. Anything else: none. Whoever changes an image meanwhile sees to
    /// its link himself, so each is looked at again before it is touched.
    private func mendLinks() throws {
        let present = try DataFolders.shards.reduce(into: Set<Identifier<Image>>()) {
            $0.formUnion(try media.contents(ofShard: $1, olderThan: .zero).links)
        }
        let wanted = try catalog.published()
        for id in present.symmetricDifference(wanted) {
            if try catalog.published().contains(id) {
                try media.link(id)
            } else {
                try media.unlink(id)
            }
        }
    }

    /// Batch after batch, so that no writer waits long; an attack may leave many.
    private func prune(_ what: String, _ batch: () throws -> Int) {
        attempt("prune \(what)") { while try batch() > 0 {} }
    }

    private func attempt(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { log.error("could not \(what): \(error)") }
    }
}
