import Media
import Model
import Operations
import Processes
import Settings

/// What a worker does between two waits: repairs links, ends idle resizers and resumes delayed images, and
/// every 10 s checkpoints the database and refills the reserved file.
struct Maintenance {
    private static let checkpointInterval = Duration.seconds(10)
    /// In bytes. A longer log is checkpointed while the disk has less than its reserve.
    private static let lowLog: Int64 = 256 * 1024
    /// In bytes. For a longer log, a checkpoint is worth the milliseconds that writers wait.
    private static let fullLog: Int64 = 4_000_000

    private let operations: Operations
    private let pool: ResizerPool
    private let links: PendingLinks
    private let formats: FormatAvailability
    private let log: Log
    private let checkpointer: (any Checkpointing)?
    private var nextCheckpoint = ContinuousClock.now + checkpointInterval
    private var configuration: Configuration { operations.configuration }

    init(
        _ operations: Operations, _ pool: ResizerPool, _ links: PendingLinks,
        _ formats: FormatAvailability,
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
            // On a disk that is nearly full, the log's bytes are needed.
            checkpoint(whenOver: isLow ? Self.lowLog : Self.fullLog)
            refillReserve()
            formats.refresh()
            nextCheckpoint = ContinuousClock.now + Self.checkpointInterval
        }
        try resumeDelayed()
    }

    /// Makes images due that were delayed for a format that works again.
    func resumeDelayed() throws {
        guard formats.takeRecovery() else { return }
        while try operations.catalog.queue.resume(RenderFailure.formatUnavailableCode) > 0 {}
    }

    /// Moves the write-ahead log into the database. A failure is logged, and the next call tries again.
    func checkpoint(whenOver threshold: Int64 = Self.fullLog) {
        do { try checkpointer?.checkpoint(whenOver: threshold) } catch {
            log.error("checkpoint: \(error)")
        }
        log.endIfDiskFailed()
    }

    private func refillReserve() {
        do { try operations.reservedSpace.refill(free: operations.media.freeBytes()) } catch {
            log.warning("\(error)")
        }
    }
}
