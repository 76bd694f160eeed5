import Foundation
import Metrics
import Model
import Processes

/// Takes jobs one after the other, on a thread with its own connection.
///
/// Some slots are spare. They work only while all others are held by images that take long, and only for
/// accounts that have nothing in work and whose last image was not slow. When such an account waits and no
/// slot will soon be free, the spare slot that began last hands its image back, which then waits for a slot
/// that is not spare. So the slow images of any number of accounts delay no other account's for long.
struct Slot {
    let number: Int
    let isSpare: Bool
    let mode: WorkMode
    /// The worker's name.
    let holder: String
    let render: Render
    let occupancy: Occupancy
    let metrics: Metrics?

    private var queue: any JobQueue { render.operations.catalog.queue }
    private var bell: Bell { render.bell }
    private var log: Log { render.log }

    /// Until it is time to stop, or nothing is left to do. Throws when the database cannot be used.
    func work() throws {
        defer { if !isSpare { occupancy.leave() } }
        while !bell.isStopping {
            let seen = bell.rings
            do {
                if let claim = try claim() {
                    try run(claim)
                    continue
                }
            } catch CatalogError.busy, CatalogError.noSpace {
                log.warning("slot \(number): the database is busy or full; trying again")
                Thread.sleep(forTimeInterval: 0.5)
                continue
            }
            if mode == .untilEmpty, !isSpare || occupancy.hasEnded { break }
            bell.wait(after: seen, atMost: 30)  // It rings at every poll, too.
        }
    }

    private func claim() throws -> Claim? {
        guard isSpare else { return try queue.claim(by: holder) }
        guard let slow = occupancy.excludedFromSpare() else { return nil }
        return try queue.claim(by: holder, fromIdleBut: slow)
    }

    private func run(_ claim: Claim) throws {
        occupancy.begin(number, for: claim.image.account)
        defer { occupancy.end(number) }
        let begun = ContinuousClock.now
        let waited = Timestamp.now().milliseconds - claim.queuedAt.milliseconds
        let threads = render.threads(for: claim)
        let outcome = try render.run(claim, threads: threads, mustYield: mustYield)
        let time = ContinuousClock.now - begun
        metrics?.countAttempt(outcome.metric, took: time)
        log.about(claim).info(
            """
            image \(claim.image.id) attempt \(claim.attempt): \(outcome.message), \
            claimed after \(waited) ms, took \(time.wholeMilliseconds) ms on \(threads) threads
            """,
            [
                ("result", .text(outcome.metric.rawValue)),
                ("waited", .number(Double(waited) / 1000)),
                ("seconds", .number(Double(time.wholeMilliseconds) / 1000)),
            ])
        if FailedSync.hasHappened { throw DiskFailed() }
    }

    /// A database that is busy is asked again.
    private func mustYield(after used: Duration) -> Bool {
        occupancy.note(used, by: number)
        guard let slow = occupancy.excluded(ifYielding: number),
            (try? queue.isDue(fromIdleBut: slow)) ?? false
        else { return false }
        occupancy.yield(number)
        return true
    }
}
