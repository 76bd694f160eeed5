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
    private static let jobAge = Duration.seconds(86400)

    private let media: DiskMedia
    private let catalog: SQLiteCatalog
    private let checkpointer: Checkpointer?
    private let log: Logger

    init(_ configuration: Configuration, _ catalog: SQLiteCatalog, _ log: Logger) throws {
        media = DiskMedia(configuration.folders)
        self.catalog = catalog
        self.log = log
        checkpointer = configuration.journal == .wal ? try Checkpointer(catalog) : nil
    }

    /// Failures are logged, and the next sweep tries again: serving goes on.
    func sweep() {
        attempt("end deletions", endDeletions)
        attempt("remove litter", removeLitter)
        attempt("remove orphans", removeOrphans)
        attempt("mend links", mendLinks)
        attempt("prune jobs") { _ = try catalog.prune(endedBefore: .now() - Self.jobAge) }
    }

    /// Folds the write-ahead log into the database: this worker alone may (Checkpointer says why).
    func checkpoint() {
        guard let checkpointer else { return }
        attempt("checkpoint") { try checkpointer.run() }
    }

    /// Row first, files after: what is left of a deletion is begun again from the files.
    private func endDeletions() throws {
        for image in try catalog.unfinishedDeletions() {
            _ = try media.remove(image.id, format: image.format)
            try catalog.finishDeletion(of: image.id)
        }
    }

    private func removeLitter() throws {
        try media.removeLitter(olderThan: Self.orphanAge)
    }

    /// Files whose row never came, or is gone.
    private func removeOrphans() throws {
        for shard in DataFolders.shards {
            let found = try media.images(inShard: shard, olderThan: Self.orphanAge)
            let known = try catalog.existing(Array(found))
            for id in found.subtracting(known) {
                log.notice("image \(id) has files but no row; removing them")
                try media.removeAll(of: id)
            }
        }
    }

    /// Public and complete: a link. Anything else: none.
    private func mendLinks() throws {
        let wanted = try catalog.published()
        let present = try media.links()
        for id in present.subtracting(wanted) where try !catalog.published().contains(id) {
            try media.unlink(id)
        }
        for id in wanted.subtracting(present) { try media.link(id) }
    }

    private func attempt(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { log.error("could not \(what): \(error)") }
    }
}
