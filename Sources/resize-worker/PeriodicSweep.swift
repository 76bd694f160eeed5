import Foundation
import Model
import Operations
import Processes

/// Sweeps at the start and then periodically, on a thread with its own connection: a sweep looks at every
/// file, which takes some 15 s for a million images, and neither new jobs nor checkpoints wait for it.
/// Failures are logged, and the next sweep tries again.
struct PeriodicSweep: Sendable {
    /// Leftovers are removed within minutes.
    private static let interval = Duration.seconds(300)
    /// Sweeps take at most 1/`share` of the time, however many files there are.
    private static let share = 20

    let identity: WorkerIdentity
    let signal: WorkSignal
    let log: Log

    /// - Parameter open: returns operations with a connection for the calling thread.
    func run(_ open: () throws -> Operations) {
        while !signal.isStopping {
            let begun = ContinuousClock.now
            attempt("sweep") { sweep(try open()) }
            let pause = max(Self.interval, (ContinuousClock.now - begun) * Self.share)
            wait(until: .now + pause)
        }
    }

    /// Sweeps once. When the worker stops, returns after the current step.
    func sweep(_ operations: Operations) {
        for step in Sweeper(operations).steps where !signal.isStopping {
            attempt(step.what) {
                let done = try step.run()
                if done.count > 0 { log.notice("\(step.what): \(done.count)") }
            }
        }
        attempt("releasing dead workers") {
            try identity.releaseDeadWorkers(in: operations.catalog.queue, log)
        }
    }

    private func wait(until end: ContinuousClock.Instant) {
        while !signal.isStopping, case let rest = end - .now, rest > .zero {
            signal.wait(after: signal.count, atMost: TimeInterval(rest.wholeMilliseconds) / 1000)
        }
    }

    private func attempt(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { log.error("\(what): \(error)") }
        log.endIfDiskFailed()
    }
}

extension Log {
    /// Exits after a failed sync; the supervisor starts the program again.
    func endIfDiskFailed() {
        guard FailedSync.hasHappened else { return }
        critical("\(DiskFailed())")
        exit(1)
    }
}
