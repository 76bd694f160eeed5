import Dispatch
import Foundation
import Media
import Metrics
import Model
import Operations
import Processes
import Settings

/// Keeps as many pictures in work as there are resizers, wakes for new ones, and looks after the
/// data folder while it is idle.
final class Worker: Sendable {
    /// A lost ring costs this much, and no more.
    private static let pollInterval = Duration.seconds(1)
    private static let checkpointInterval = Duration.seconds(10)
    /// The log's bytes that are left alone while the disk has less than its reserve.
    private static let lowLog: Int64 = 256 * 1024
    /// Bytes from which on it is worth the milliseconds that writers wait.
    private static let fullLog: Int64 = 4_000_000
    /// After SIGTERM a picture in hand is finished if that takes no longer.
    static let patience = Duration.seconds(5)

    let configuration: Configuration
    let identity: WorkerIdentity
    let bell = Bell()
    let pool: ResizerPool
    let links: PendingLinks
    let formats: Formats
    private let media: DiskMedia
    private let ballast: Ballast
    let log: Log
    /// Nil where they have no place: the service does without.
    let metrics: Metrics?

    init(_ configuration: Configuration) throws {
        self.configuration = configuration
        identity = try WorkerIdentity(configuration.folders, preset: configuration.preset)
        log = Log("resize-worker")
        do {
            metrics = try Metrics(path: configuration.folders.metrics)
        } catch {
            log.warning("no metrics: \(error)")
            metrics = nil
        }
        media = DiskMedia(configuration.folders)
        ballast = Ballast(configuration)
        links = PendingLinks()
        formats = Formats(configuration, log: log)
        pool = ResizerPool(configuration, in: identity.folder, formats, metrics: metrics)
    }

    /// With a connection of the calling thread's own.
    func operations() throws -> Operations {
        Operations(
            configuration, try CatalogEngine.open(configuration, for: .worker), environment: [:])
    }

    /// Until the queue is empty. One at a time: a host that has no daemon has little memory too. Who
    /// is not the one may go, since the one looks again after letting the lock go.
    func drain(until signals: borrowing Signals) throws {
        let lock = try FileLock(path: configuration.folders.drainLock)
        while try !bell.isStopping && lock.tryLock(.exclusive) {
            try run(drain: true, until: signals)
            lock.unlock()
            let due = try CatalogEngine.open(configuration, for: .worker).queue.nextDue()
            guard let due, due <= .zero else { break }
        }
    }

    func run(drain: Bool, until signals: borrowing Signals) throws {
        let folders = configuration.folders
        let operations = try operations()
        let catalog = operations.catalog
        try catalog.quickCheck()
        try CatalogMatch(catalog, operations.media).checkRows()
        try identity.buryTheDead(in: catalog.queue)
        let checkpointer = try CatalogEngine.checkpointer(configuration)
        let keeper = Housekeeper(self)
        // Who drains waits for nobody; and the long paths of rented hosts are no sockets' addresses,
        // which have 107 bytes: of the name what is random will do.
        let doorbell =
            drain
            ? nil
            : try Doorbell.Listener(
                folder: folders.doorbells,
                name: String(identity.name.suffix(DataFolders.doorbellLength)))
        let working = DispatchGroup()
        let occupancy = Occupancy(
            slots: configuration.resizers, spareSlots: configuration.spareResizers,
            slowRender: configuration.slowRender)
        formats.refresh()
        try resumePutOff(catalog.queue)
        if !drain { pool.prepare() }
        for number in 0..<configuration.resizers {
            Slot(number: number, worker: self, occupancy, among: working).start(drain: drain)
        }
        for number in 0..<configuration.spareResizers {
            Slot(
                number: configuration.resizers + number, isSpare: true, worker: self, occupancy,
                among: working
            ).start(drain: drain)
        }
        metrics?.countStart(of: log.program)
        log.info("\(configuration.resizers) resizers, worker \(identity.name)")

        let stopRequest = try signals.descriptor()
        if !drain { keeper.start() }
        var nextCheckpoint = ContinuousClock.now + Self.checkpointInterval
        while working.wait(timeout: .now()) == .timedOut || (!drain && mustWait(for: keeper)) {
            if signals.next(within: .zero) != nil { bell.stop(within: Self.patience) }
            if bell.isStopping || drain {
                // Nothing to wake for any more: the slots end by themselves.
                let areDone = working.wait(timeout: .now() + .milliseconds(20)) == .success
                if areDone, !drain { usleep(5000) }  // for the sweep
                continue
            }
            // Work that is due already waits for a slot, not for us.
            let due = try catalog.queue.nextDue().flatMap { $0 > .zero ? $0 : nil }
            let ring = try doorbell?.wait(
                atMost: min(due ?? Self.pollInterval, Self.pollInterval), orUntil: stopRequest)
            if try stopRequest.isReadable(within: .zero) { continue }
            if ring == .soon { pool.prepare() }
            bell.ring()
            try links.retry(operations)
            pool.endIdle(for: configuration.resizerIdle)
            try resumePutOff(catalog.queue)
            let isLow = try media.freeBytes() < configuration.diskReserve
            if isLow || ContinuousClock.now >= nextCheckpoint {
                // What the log takes is wanted then.
                checkpoint(checkpointer, whenOver: isLow ? Self.lowLog : Self.fullLog)
                refillBallast()
                formats.refresh()
                try resumePutOff(catalog.queue)
                nextCheckpoint = ContinuousClock.now + Self.checkpointInterval
            }
        }
        pool.endIdle(for: .zero)
        if drain { keeper.sweep(operations) }
        checkpoint(checkpointer)
    }

    /// What waited for a format that works again.
    private func resumePutOff(_ queue: any JobQueue) throws {
        guard formats.takeRecovery() else { return }
        while try queue.resume(RenderFailure.formatUnavailableCode) > 0 {}
    }

    /// A sweep may take longer than whoever stops us waits; any step of it may be cut short.
    private func mustWait(for keeper: Housekeeper) -> Bool {
        guard !keeper.hasEnded else { return false }
        return bell.deadline.map { ContinuousClock.now < $0 } ?? true
    }

    /// Folds the write-ahead log into the database: this worker alone may.
    private func checkpoint(
        _ checkpointer: (any Checkpointing)?, whenOver threshold: Int64 = Worker.fullLog
    ) {
        do { try checkpointer?.checkpoint(whenOver: threshold) } catch {
            log.error("checkpoint: \(error)")
        }
        if FailedSync.hasHappened {
            log.critical("\(DiskFailed())")
            exit(1)
        }
    }

    private func refillBallast() {
        do { try ballast.refill(free: media.freeBytes()) } catch { log.warning("\(error)") }
    }
}
