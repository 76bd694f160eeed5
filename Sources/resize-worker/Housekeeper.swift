import Foundation
import Model
import Operations
import Processes
import Synchronization

/// Sweeps at start and now and then, on a thread with its own connection: a sweep looks at every file,
/// of a million images some 15 s, and neither new work nor checkpoints wait for it. Failures are
/// logged, and the next time tries again, for serving goes on.
final class Housekeeper: Sendable {
    /// Litter is gone within minutes.
    private static let interval = Duration.seconds(300)
    /// A sweep takes one part in so many of a core, however many files there are.
    private static let share = 20

    private let worker: Worker
    private let ended = Atomic<Bool>(false)

    init(_ worker: Worker) {
        self.worker = worker
    }

    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    func start() {
        Thread {
            while !self.worker.bell.isStopping {
                let begun = ContinuousClock.now
                self.attempt("sweep") {
                    self.sweep(try self.worker.operations())
                }
                let pause = max(Self.interval, (ContinuousClock.now - begun) * Self.share)
                self.wait(until: .now + pause)
            }
            self.ended.store(true, ordering: .releasing)
        }.start()
    }

    /// Once. Ends after the step in hand when it is time to stop.
    func sweep(_ operations: Operations) {
        for step in Sweeper(operations).steps where !worker.bell.isStopping {
            attempt(step.what) {
                let done = try step.run()
                if done.count > 0 { worker.log.notice("\(done.count) \(step.what)") }
            }
        }
        attempt("left by workers that died") {
            try worker.identity.buryTheDead(in: operations.catalog.queue)
        }
    }

    private func wait(until end: ContinuousClock.Instant) {
        while !worker.bell.isStopping, case let rest = end - .now, rest > .zero {
            worker.bell.wait(
                after: worker.bell.rings, atMost: TimeInterval(rest.wholeMilliseconds) / 1000)
        }
    }

    private func attempt(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { worker.log.error("\(what): \(error)") }
        if FailedSync.hasHappened {
            worker.log.critical("\(DiskFailed())")
            exit(1)
        }
    }
}
