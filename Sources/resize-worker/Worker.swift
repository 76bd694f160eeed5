import Foundation
import Metrics
import Model
import Operations
import Processes
import Settings

/// Renders as many images at once as there are resizers, and waits for new jobs.
final class Worker: Sendable {
    /// A wake-up that gets lost delays a job by this much at most.
    private static let pollInterval = Duration.seconds(1)
    /// After SIGTERM an image in progress is finished if that takes no longer.
    private static let timeout = Duration.seconds(5)

    private let configuration: Configuration
    private let identity: WorkerIdentity
    private let signal = WorkSignal()
    private let links = PendingLinks()
    private let pool: ResizerPool
    private let formats: FormatAvailability
    private let log = Log("resize-worker")
    /// Nil when their file cannot be used: the worker runs without metrics.
    private let metrics: Metrics?

    init(_ configuration: Configuration, _ identity: WorkerIdentity) {
        self.configuration = configuration
        self.identity = identity
        do { metrics = try Metrics(path: configuration.folders.metrics) } catch {
            log.warning("no metrics: \(error)")
            metrics = nil
        }
        formats = FormatAvailability(configuration, log: log)
        pool = ResizerPool(configuration, in: identity.folder, formats, metrics: metrics)
    }

    /// Works until the queue is empty. Only one draining worker runs at a time, since a host without a
    /// daemon has little memory too. Another one may exit at once: the one that holds the lock looks for
    /// jobs again after it has released the lock.
    func drain(until signals: borrowing Signals) throws {
        let lock = try FileLock(path: configuration.folders.drainLock)
        while try !signal.isStopping && lock.tryLock(.exclusive) {
            try run(.untilEmpty, until: signals)
            lock.unlock()
            guard let due = try operations().catalog.queue.nextDue(), due <= .zero else { break }
        }
    }

    func run(_ mode: WorkMode, until signals: borrowing Signals) throws {
        let operations = try operations()
        try check(operations)
        var maintenance = try Maintenance(operations, pool, links, formats, log)
        formats.refresh()
        try maintenance.resumeDelayed()
        if mode.preparesResizers { pool.prepare() }
        let wakeups = try mode.listensForWakeups ? listen() : nil
        let stopRequest = try signals.descriptor()
        let threads = try startThreads(mode)
        let sweeps = try ThreadGroup()
        let sweep = PeriodicSweep(identity: identity, signal: signal, log: log)
        if mode.sweepsPeriodically { sweeps.start { sweep.run(self.operations) } }
        metrics?.countStart(of: log.program)
        let resizers = HumanReadable.count(configuration.resizers, "resizer")
        log.info("worker \(identity.name) with \(resizers)")

        // A sweep may take longer than the stop may, and any of its steps may be interrupted.
        while threads.isRunning || sweeps.isRunning && !signal.isPastDeadline {
            let pause = try pause(operations.catalog.queue)
            try FileDescriptor.wait(
                for: [wakeups?.number, stopRequest.number, threads.ended, sweeps.ended],
                atMost: pause)
            try threads.clearEnded()
            try sweeps.clearEnded()
            let message = wakeups?.received()
            if signals.next(within: .zero) != nil { signal.stop(within: Self.timeout) }
            // The threads then return after their image.
            if signal.isStopping { continue }
            if message == .uploadStarted { pool.prepare() }
            signal.notify()
            try unlessBusy { try maintenance.run() }
        }

        pool.endIdle(for: .zero)
        if !mode.sweepsPeriodically { sweep.sweep(operations) }
        maintenance.checkpoint()
    }

    /// Until the next job that is not due yet. A job that is due already waits for a thread.
    private func pause(_ queue: any JobQueue) throws -> Duration {
        if let deadline = signal.deadline {
            return signal.isPastDeadline ? Self.pollInterval : deadline - .now
        }
        let next = try unlessBusy { try queue.nextDue() } ?? nil
        let due = next.flatMap { $0 > .zero ? $0 : nil }
        return min(due ?? Self.pollInterval, Self.pollInterval)
    }

    /// Nil when the database is busy or full: it is tried again after the next wait.
    private func unlessBusy<Result>(_ body: () throws -> Result) throws -> Result? {
        do { return try body() } catch CatalogError.busy, CatalogError.noSpace {
            log.warning("the database is busy or full; trying again")
            return nil
        }
    }

    /// With a database connection for the calling thread alone.
    private func operations() throws -> Operations {
        Operations(
            configuration, try CatalogEngine.open(configuration, for: .worker), environment: [:])
    }

    private func check(_ operations: Operations) throws {
        try operations.catalog.quickCheck()
        try CatalogMatch(operations.catalog, operations.media, configuration.folders).checkRows()
        try identity.releaseDeadWorkers(in: operations.catalog.queue, log)
    }

    /// The random end of the worker's name is enough to name its socket.
    private func listen() throws -> WorkerWakeup.Listener {
        try WorkerWakeup.Listener(
            folder: configuration.folders.listeners,
            name: String(identity.name.suffix(DataFolders.listenerNameLength)))
    }

    private func startThreads(_ mode: WorkMode) throws -> ThreadGroup {
        let threads = try ThreadGroup()
        let occupancy = Occupancy(
            threads: configuration.resizers, spareThreads: configuration.spareResizers,
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
                signal: signal, log: log)
            try WorkerThread(
                number: number, isSpare: number >= configuration.resizers, mode: mode,
                holder: identity.name, render: render, occupancy: occupancy, metrics: metrics
            ).work()
        } catch {
            // The database cannot be used: exit, and let the supervisor restart the worker.
            log.critical("thread \(number): \(error)")
            exit(1)
        }
        signal.notify()  // For a spare thread, which returns after the others.
    }
}
