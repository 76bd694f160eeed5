import Media
import Model
import Operations
import Processes
import Settings

/// What a worker looks after between two waits: links, resizers and images that may go on, and now and
/// then the database's log and the reserved file.
struct Upkeep {
    private static let checkpointInterval = Duration.seconds(10)
    /// The log's bytes that are left alone while the disk has less than its reserve.
    private static let lowLog: Int64 = 256 * 1024
    /// Bytes from which on it is worth the milliseconds that writers wait.
    private static let fullLog: Int64 = 4_000_000

    private let operations: Operations
    private let pool: ResizerPool
    private let links: PendingLinks
    private let formats: Formats
    private let log: Log
    private let checkpointer: (any Checkpointing)?
    private var nextCheckpoint = ContinuousClock.now + checkpointInterval
    private var configuration: Configuration { operations.configuration }

    init(
        _ operations: Operations, _ pool: ResizerPool, _ links: PendingLinks, _ formats: Formats,
        _ log: Log
    ) throws {
        (self.operations, self.pool, self.links) = (operations, pool, links)
        (self.formats, self.log) = (formats, log)
        checkpointer = try CatalogEngine.checkpointer(operations.configuration)
    }

    mutating func run() throws {
        try links.retry(operations)
        pool.endIdle(for: configuration.resizerIdle)
        let isLow = try operations.media.freeBytes() < configuration.diskReserve
        if isLow || ContinuousClock.now >= nextCheckpoint {
            // What the log takes is wanted then.
            checkpoint(whenOver: isLow ? Self.lowLog : Self.fullLog)
            refillReserve()
            formats.refresh()
            nextCheckpoint = ContinuousClock.now + Self.checkpointInterval
        }
        try resumePutOff()
    }

    /// What waited for a format that works again.
    func resumePutOff() throws {
        guard formats.takeRecovery() else { return }
        while try operations.catalog.queue.resume(RenderFailure.formatUnavailableCode) > 0 {}
    }

    /// Folds the write-ahead log into the database: this worker alone may.
    func checkpoint(whenOver threshold: Int64 = Self.fullLog) {
        do { try checkpointer?.checkpoint(whenOver: threshold) } catch {
            log.error("checkpoint: \(error)")
        }
        log.endIfDiskFailed()
    }

    private func refillReserve() {
        do { try operations.ballast.refill(free: operations.media.freeBytes()) } catch {
            log.warning("\(error)")
        }
    }
}
