import Media
import Model
import Settings

/// Finishes what a crash left, and makes disk and catalog agree: the worker's now and then, and
/// `multires gc`. Two may do it at once, beside a service that runs. Whatever is gone through is gone
/// through shard by shard or page by page: a million images take no more memory than a thousand.
public struct Sweeper {
    /// What a step did, or would do.
    public struct Tally: Sendable, Equatable {
        public var count = 0
        /// Of files that went.
        public var bytes: Int64 = 0
    }

    public struct Step {
        /// What is counted, in words that go behind a number.
        public let what: String
        public let run: () throws -> Tally
    }

    /// Longer than any upload or job takes.
    private static var leftoverAge: Duration { .seconds(3600) }
    /// An idempotency key holds for a day, and so does what is kept of an ended job.
    private static var jobAge: Duration { .seconds(86400) }

    private let operations: Operations
    private let isTrial: Bool
    private var configuration: Configuration { operations.configuration }
    private var catalog: any Catalog { operations.catalog }
    private var media: any MediaStore { operations.media }

    /// - Parameter trial: nothing is changed, only counted.
    public init(_ operations: Operations, trial: Bool = false) {
        self.operations = operations
        isTrial = trial
    }

    /// In their order; one that throws is no reason to leave out the others.
    public var steps: [Step] {
        let disk = [
            Step(what: "deletions ended", run: endDeletions),
            Step(what: "left-overs of uploads and jobs removed", run: removeLeftovers),
            Step(what: "originals brought back from recovered/", run: takeBackOriginals),
            Step(what: "images without a row cleared away", run: setOrphansAside),
            Step(what: "public links mended", run: mendLinks),
            Step(what: "images' sizes of a preset before removed", run: removeSuperseded),
        ]
        return isTrial ? disk : disk + rows + [Step(what: "reserves refilled", run: refill)]
    }

    /// Sizes of a preset before, once their grace is over.
    private func removeSuperseded() throws -> Tally {
        let over = Timestamp.now() - configuration.sizesGrace
        var tally = Tally()
        // A trial settles none, so it counts what comes first. Few at a time: what is read here is
        // old when it is made anew once more.
        while case let page = try catalog.queue.redone(before: over, limit: isTrial ? 10_000 : 20),
            !page.isEmpty
        {
            for image in page {
                if !isTrial {
                    // A minute: what a job of this moment adds is younger.
                    tally.bytes += try media.removeVariants(
                        of: image.id, but: image.variants,
                        olderThan: min(configuration.sizesGrace, .seconds(60))
                    ).bytes
                    try catalog.queue.settle(image.id, before: over)
                }
                tally.count += 1
            }
            if isTrial { break }
        }
        return tally
    }

    /// Once there is room again.
    private func refill() throws -> Tally {
        Tally(count: try operations.ballast.refill(free: media.freeBytes()) ? 1 : 0)
    }

    /// Rows whose time is over.
    private var rows: [Step] {
        [
            Step(what: "jobs' details forgotten") {
                try prune { try catalog.queue.prune(endedBefore: .now() - Self.jobAge) }
            },
            Step(what: "idempotency keys forgotten") {
                try prune {
                    try catalog.images.pruneIdempotencyKeys(usedBefore: .now() - Self.jobAge)
                }
            },
            Step(what: "sessions forgotten") {
                try prune {
                    try catalog.accounts.pruneSessions(
                        rotatedBefore: .now() - configuration.refreshLifetime)
                }
            },
            Step(what: "login attempts forgotten") {
                try prune { try catalog.accounts.pruneAttempts(at: .now()) }
            },
        ]
    }

    /// Row first, files after: what is left of a deletion is begun again from the files.
    private func endDeletions() throws -> Tally {
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

    /// Files whose row never came, or is gone. A deletion ends with the row, after the files, so an
    /// original without a row is none that its owner deleted: it is moved to `recovered/`, and only
    /// its variants, which can be made again, are removed. Throws `CatalogMismatch`, with nothing
    /// changed, when there are so many that the catalog must have lost rows.
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
            if try media.setAside(id), try !catalog.images.existing([id]).isEmpty {
                // Its row came in this moment.
                try media.takeBack(id)
                tally.count -= 1
                return
            }
            tally.bytes += try media.removeDerived(of: id).bytes
        }
        return tally
    }

    /// Originals in `recovered/` whose row is there after all, and which lack an original.
    private func takeBackOriginals() throws -> Tally {
        var tally = Tally()
        let set = try media.recovered()
        for id in try catalog.images.existing(set) {
            tally.count += try isTrial || media.takeBack(id) ? 1 : 0
        }
        return tally
    }

    /// Public and complete: a link. Anything else: none. Whoever changes an image meanwhile sees to
    /// its link himself, so each is looked at again before it is touched.
    private func mendLinks() throws -> Tally {
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

    /// Batch after batch, so that no writer waits long; an attack may leave many.
    private func prune(_ batch: () throws -> Int) throws -> Tally {
        var tally = Tally()
        while case let count = try batch(), count > 0 { tally.count += count }
        return tally
    }
}
