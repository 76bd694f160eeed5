import Foundation
import Metrics
import Model
import Operations
import Processes
import Settings

/// Keeps as many pictures in work as there are resizers, and wakes for new ones.
final class Worker: Sendable {
    /// A lost ring costs this much, and no more.
    private static let pollInterval = Duration.seconds(1)
    /// After SIGTERM a picture in hand is finished if that takes no longer.
    private static let patience = Duration.seconds(5)

    private let configuration: Configuration
    private let identity: WorkerIdentity
    private let bell = Bell()
    private let links = PendingLinks()
    private let pool: ResizerPool
    private let formats: Formats
    private let log = Log("resize-worker")
    /// Nil where they have no place: the service does without.
    private let metrics: Metrics?

    init(_ configuration: Configuration, _ identity: WorkerIdentity) {
        self.configuration = configuration
        self.identity = identity
        do { metrics = try Metrics(path: configuration.folders.metrics) } catch {
            log.warning("no metrics: \(error)")
            metrics = nil
        }
        formats = Formats(configuration, log: log)
        pool = ResizerPool(configuration, in: identity.folder, formats, metrics: metrics)
    }

    /// Until the queue is empty. One at a time: a host that has no daemon has little memory too. Who
    /// is not the one may go, since the one looks again after letting the lock go.
    func drain(until signals: borrowing Signals) throws {
        let lock = try FileLock(path: configuration.folders.drainLock)
        while try !bell.isStopping && lock.tryLock(.exclusive) {
            try run(.untilEmpty, until: signals)
            lock.unlock()
            guard let due = try operations().catalog.queue.nextDue(), due <= .zero else { break }
        }
    }

    func run(_ mode: WorkMode, until signals: borrowing Signals) throws {
        let operations = try operations()
        try check(operations)
        var upkeep = try Upkeep(operations, pool, links, formats, log)
        formats.refresh()
        try upkeep.resumePutOff()
        if mode.preparesResizers { pool.prepare() }
        let doorbell = try mode.hearsDoorbell ? listen() : nil
        let stopRequest = try signals.descriptor()
        let slots = try startSlots(mode)
        let sweeps = try WorkerThreads()
        let sweep = PeriodicSweep(identity: identity, bell: bell, log: log)
        if mode.sweepsMeanwhile { sweeps.start { sweep.run(self.operations) } }
        metrics?.countStart(of: log.program)
        log.info("\(configuration.resizers) resizers, worker \(identity.name)")

        // A sweep may take longer than whoever stops us waits; any step of it may be cut short.
        while slots.areAtWork || sweeps.areAtWork && !bell.isOutOfPatience {
            let pause = try pause(operations.catalog.queue)
            try FileDescriptor.wait(
                for: [doorbell?.number, stopRequest.number, slots.ended, sweeps.ended],
                atMost: pause)
            try slots.takeEnds()
            try sweeps.takeEnds()
            let ring = doorbell?.heard()
            if signals.next(within: .zero) != nil { bell.stop(within: Self.patience) }
            // The slots end by themselves then.
            if bell.isStopping { continue }
            if ring == .soon { pool.prepare() }
            bell.ring()
            try unlessBusy { try upkeep.run() }
        }

        pool.endIdle(for: .zero)
        if !mode.sweepsMeanwhile { sweep.sweep(operations) }
        upkeep.checkpoint()
    }

    /// Until something is due that is not yet. What is due already waits for a slot, not for us.
    private func pause(_ queue: any JobQueue) throws -> Duration {
        if let deadline = bell.deadline {
            return bell.isOutOfPatience ? Self.pollInterval : deadline - .now
        }
        let next = try unlessBusy { try queue.nextDue() } ?? nil
        let due = next.flatMap { $0 > .zero ? $0 : nil }
        return min(due ?? Self.pollInterval, Self.pollInterval)
    }

    /// Nil when the database is busy or full: it is asked again after the next wait.
    private func unlessBusy<Result>(_ body: () throws -> Result) throws -> Result? {
        do { return try body() } catch CatalogError.busy, CatalogError.noSpace {
            log.warning("the database is busy or full; trying again")
            return nil
        }
    }

    /// With a connection of the calling thread's own.
    private func operations() throws -> Operations {
        Operations(
            configuration, try CatalogEngine.open(configuration, for: .worker), environment: [:])
    }

    private func check(_ operations: Operations) throws {
        try operations.catalog.quickCheck()
        try CatalogMatch(operations.catalog, operations.media, configuration.folders).checkRows()
        try identity.buryTheDead(in: operations.catalog.queue, log)
    }

    /// Of the worker's name what is random will do.
    private func listen() throws -> Doorbell.Listener {
        try Doorbell.Listener(
            folder: configuration.folders.doorbells,
            name: String(identity.name.suffix(DataFolders.doorbellLength)))
    }

    private func startSlots(_ mode: WorkMode) throws -> WorkerThreads {
        let threads = try WorkerThreads()
        let occupancy = Occupancy(
            slots: configuration.resizers, spareSlots: configuration.spareResizers,
            slowRender: configuration.slowRender)
        for number in 0..<configuration.resizers + configuration.spareResizers {
            threads.start { self.work(number, mode, occupancy) }
        }
        return threads
    }

    private func work(_ number: Int, _ mode: WorkMode, _ occupancy: Occupancy) {
        do {
            let render = Render(
                operations: try operations(), pool: pool, formats: formats, links: links,
                bell: bell, log: log)
            try Slot(
                number: number, isSpare: number >= configuration.resizers, mode: mode,
                holder: identity.name, render: render, occupancy: occupancy, metrics: metrics
            ).work()
        } catch {
            // A database that cannot be used: exit, and be restarted by whoever started us.
            log.critical("slot \(number): \(error)")
            exit(1)
        }
        bell.ring()  // For a spare slot, which ends after the others.
    }
}
