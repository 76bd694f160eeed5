import Foundation
import Model
import Operations
import Processes

/// Sweeps at start and now and then, on a thread with its own connection: a sweep looks at every file,
/// of a million images some 15 s, and neither new work nor checkpoints wait for it. Failures are
/// logged, and the next time tries again, for serving goes on.
struct PeriodicSweep: Sendable {
    /// Litter is gone within minutes.
    private static let interval = Duration.seconds(300)
    /// A sweep takes one part in so many of a core, however many files there are.
    private static let share = 20

    let identity: WorkerIdentity
    let bell: Bell
    let log: Log

    /// - Parameter open: gives operations of the calling thread's own.
    func run(_ open: () throws -> Operations) {
        while !bell.isStopping {
            let begun = ContinuousClock.now
            attempt("sweep") { sweep(try open()) }
            let pause = max(Self.interval, (ContinuousClock.now - begun) * Self.share)
            wait(until: .now + pause)
        }
    }

    /// Once. Ends after the step in hand when it is time to stop.
    func sweep(_ operations: Operations) {
        for step in Sweeper(operations).steps where !bell.isStopping {
            attempt(step.what) {
                let done = try step.run()
                if done.count > 0 { log.notice("\(done.count) \(step.what)") }
            }
        }
        attempt("left by workers that died") {
            try identity.buryTheDead(in: operations.catalog.queue, log)
        }
    }

    private func wait(until end: ContinuousClock.Instant) {
        while !bell.isStopping, case let rest = end - .now, rest > .zero {
            bell.wait(after: bell.rings, atMost: TimeInterval(rest.wholeMilliseconds) / 1000)
        }
    }

    private func attempt(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { log.error("\(what): \(error)") }
        log.endIfDiskFailed()
    }
}

extension Log {
    /// Ends the program after a failed sync, to be started again.
    func endIfDiskFailed() {
        guard FailedSync.hasHappened else { return }
        critical("\(DiskFailed())")
        exit(1)
    }
}
