import Foundation
import Metrics
import Model
import Processes

/// Claims jobs one after the other, on a thread with its own database connection.
///
/// Some threads are spare. A spare thread works only while all others render slow images, and only for
/// accounts that have no image in progress and whose last image was not slow. When such an account waits
/// and no thread is about to be free, the spare thread that started last releases its image, which then
/// waits for a thread that is not spare. So slow images, of however many accounts, do not delay other
/// accounts for long.
struct WorkerThread {
    let number: Int
    let isSpare: Bool
    let mode: WorkMode
    /// The worker's name.
    let holder: String
    let render: Render
    let occupancy: Occupancy
    let metrics: Metrics?

    private var queue: any JobQueue { render.operations.catalog.queue }
    private var signal: WorkSignal { render.signal }
    private var log: Log { render.log }

    /// Returns when the worker stops or, in a draining worker, when no job is due. Throws when the database
    /// cannot be used.
    func work() throws {
        defer { if !isSpare { occupancy.leave() } }
        while !signal.isStopping {
            let seen = signal.count
            do {
                if let claim = try claim() {
                    try run(claim)
                    continue
                }
            } catch CatalogError.busy, CatalogError.noSpace {
                log.warning("thread \(number): the database is busy or full; trying again")
                Thread.sleep(forTimeInterval: 0.5)
                continue
            }
            if mode == .untilEmpty, !isSpare || occupancy.hasEnded { break }
            signal.wait(after: seen, atMost: 30)  // `Worker` notifies at every poll, too.
        }
    }

    private func claim() throws -> Claim? {
        guard isSpare else { return try queue.claim(by: holder) }
        guard let slow = occupancy.excludedFromSpare() else { return nil }
        return try queue.claim(by: holder, fromIdleAccountsExcept: slow)
    }

    private func run(_ claim: Claim) throws {
        occupancy.begin(number, for: claim.image.account)
        defer { occupancy.end(number) }
        let begun = ContinuousClock.now
        let waited = Timestamp.now().milliseconds - claim.queuedAt.milliseconds
        let vipsThreads = render.threads(for: claim)
        let outcome = try render.run(claim, threads: vipsThreads, mustYield: mustYield)
        let time = ContinuousClock.now - begun
        metrics?.countAttempt(outcome.metric, took: time)
        log.about(claim).info(
            """
            image \(claim.image.id) attempt \(claim.attempt): \(outcome.message), \
            claimed after \(waited) ms, took \(time.wholeMilliseconds) ms \
            on \(HumanReadable.count(vipsThreads, "thread"))
            """,
            [
                ("result", .text(outcome.metric.rawValue)),
                ("waited", .number(Double(waited) / 1000)),
                ("seconds", .number(Double(time.wholeMilliseconds) / 1000)),
            ])
        if FailedSync.hasHappened { throw DiskFailed() }
    }

    /// False when the database is busy: the next call asks again.
    private func mustYield(after used: Duration) -> Bool {
        occupancy.note(used, by: number)
        guard let slow = occupancy.excluded(ifYielding: number),
            (try? queue.isDue(fromIdleAccountsExcept: slow)) ?? false
        else { return false }
        occupancy.yield(number)
        return true
    }
}
