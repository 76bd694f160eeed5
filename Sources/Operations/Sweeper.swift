import Media
import Model
import Settings

/// Finishes what a crash interrupted, and repairs differences between disk and catalog. The worker sweeps
/// periodically, and `multires gc` on request; two sweeps may run at once, while the service runs. A sweep
/// reads shard by shard and page by page: a million images need no more memory than a thousand.
public struct Sweeper {
    /// What a step did, or would do.
    public struct Tally: Sendable, Equatable {
        public var count = 0
        /// Of removed files.
        public var bytes: Int64 = 0
    }

    public struct Step {
        /// What is counted: text that follows a number.
        public let what: String
        public let run: () throws -> Tally
    }

    /// Longer than any upload or job takes.
    private static var leftoverAge: Duration { .seconds(3600) }
    /// An idempotency key is valid for a day, and the details of an ended job are kept as long.
    private static var jobAge: Duration { .seconds(86400) }

    private let operations: Operations
    private let isTrial: Bool
    private var configuration: Configuration { operations.configuration }
    private var catalog: any Catalog { operations.catalog }
    private var media: any MediaStore { operations.media }

    /// - Parameter trial: only count, and change nothing.
    public init(_ operations: Operations, trial: Bool = false) {
        self.operations = operations
        isTrial = trial
    }

    /// In the order in which they run. If one throws, a caller may still run the others.
    public var steps: [Step] {
        let disk = [
            Step(what: "deletions finished", run: finishDeletions),
            Step(what: "leftovers of uploads and jobs removed", run: removeLeftovers),
            Step(what: "originals moved back from recovered/", run: takeBackOriginals),
            Step(what: "images without a row cleaned up", run: setOrphansAside),
            Step(what: "public links repaired", run: repairLinks),
            Step(what: "images' sizes of an earlier preset removed", run: removeSuperseded),
        ]
        return isTrial ? disk : disk + rows + [Step(what: "reserves refilled", run: refill)]
    }

    /// Removes variants of an earlier preset whose grace period has expired.
    private func removeSuperseded() throws -> Tally {
        let over = Timestamp.now() - configuration.sizesGrace
        var tally = Tally()
        // A trial finishes none and would read the same page again, so it counts one long page. Otherwise a
        // page is short, because an image that is re-rendered again meanwhile makes what was read outdated.
        while case let page = try catalog.queue.rerendered(
            before: over, limit: isTrial ? 10_000 : 20),
            !page.isEmpty
        {
            for image in page {
                if !isTrial {
                    // At most a minute: the files that a running job adds are younger.
                    tally.bytes += try media.removeVariants(
                        of: image.id, but: image.variants,
                        olderThan: min(configuration.sizesGrace, .seconds(60))
                    ).bytes
                    try catalog.queue.finishRerender(image.id, before: over)
                }
                tally.count += 1
            }
            if isTrial { break }
        }
        return tally
    }

    /// Refills the reserved file when the disk has room again.
    private func refill() throws -> Tally {
        Tally(count: try operations.reservedSpace.refill(free: media.freeBytes()) ? 1 : 0)
    }

    /// Steps that remove rows that have expired.
    private var rows: [Step] {
        [
            Step(what: "jobs' details removed") {
                try prune { try catalog.queue.prune(endedBefore: .now() - Self.jobAge) }
            },
            Step(what: "idempotency keys removed") {
                try prune {
                    try catalog.images.pruneIdempotencyKeys(usedBefore: .now() - Self.jobAge)
                }
            },
            Step(what: "sessions removed") {
                try prune {
                    try catalog.accounts.pruneSessions(
                        rotatedBefore: .now() - configuration.refreshLifetime)
                }
            },
            Step(what: "login attempts removed") {
                try prune { try catalog.accounts.pruneAttempts(at: .now()) }
            },
        ]
    }

    /// A deletion hides the row first, so one that was interrupted still has a row and continues here with
    /// removing the files.
    private func finishDeletions() throws -> Tally {
        var tally = Tally()
        try catalog.images.visitUnfinishedDeletions { image in
            tally.count += 1
            tally.bytes +=
                try isTrial
                ? media.extent(of: image.id).bytes : operations.finishDeletion(of: image.id).bytes
        }
        for account in try catalog.accounts.unfinishedAccountDeletions() {
            tally.count += 1
            if !isTrial { tally.bytes += try operations.finishDeletion(of: account).bytes }
        }
        return tally
    }

    private func removeLeftovers() throws -> Tally {
        let age = Self.leftoverAge
        let (things, bytes) =
            try isTrial ? media.extentOfStale(olderThan: age) : media.removeStale(olderThan: age)
        return Tally(count: things, bytes: bytes)
    }

    /// Cleans up files without a row. A deletion removes the files before the row, so an original without a
    /// row was not deleted by its owner: it is moved to `recovered/`, and only its variants, which can be
    /// rendered again, are removed. Throws `CatalogMismatch`, with nothing changed, when there are so many
    /// that the catalog must have lost rows.
    private func setOrphansAside() throws -> Tally {
        var tally = Tally()
        let orphans = Orphans(catalog, media)
        let (originals, count) = try orphans.count()
        guard !CatalogMismatch.isTooMany(count, of: originals) else {
            throw CatalogMismatch.lacksRows(count, of: originals)
        }
        try orphans.visit { id in
            tally.count += 1
            guard !isTrial else { return }
            if try media.moveToRecovered(id), try !catalog.images.existing([id]).isEmpty {
                // Its row was added at this moment.
                try media.restoreOriginal(id)
                tally.count -= 1
                return
            }
            tally.bytes += try media.removeDerived(of: id).bytes
        }
        return tally
    }

    /// Moves originals back from `recovered/` that have a row, if the image has no other original.
    private func takeBackOriginals() throws -> Tally {
        var tally = Tally()
        let set = try media.recovered()
        for id in try catalog.images.existing(set) {
            tally.count += try isTrial || media.restoreOriginal(id) ? 1 : 0
        }
        return tally
    }

    /// An image that is public and complete gets a link, any other image none. A request that changes an
    /// image meanwhile also changes its link, so each row is read again before its link is changed.
    private func repairLinks() throws -> Tally {
        var tally = Tally()
        if !isTrial {
            tally.count += try operations.repairUnfinishedLinks()
        }
        try WrongLinks(catalog, media).visit { id in
            tally.count += 1
            if !isTrial { try operations.repairLink(of: id) }
        }
        return tally
    }

    /// In batches, so that no writer waits long: an attack may leave many rows.
    private func prune(_ batch: () throws -> Int) throws -> Tally {
        var tally = Tally()
        while case let count = try batch(), count > 0 { tally.count += count }
        return tally
    }
}
