import Dispatch
import Foundation
import Model
import Operations
import Processes

/// One picture at a time, on a thread with its own connection.
///
/// Some slots are spare. They work only while all others are held by images that take long, and only for
/// accounts that have nothing in work and whose last image was not slow. When such an account waits and no
/// slot will soon be free, the spare slot that began last hands its image back, which then waits for a slot
/// that is not spare. So the slow images of any number of accounts delay no other account's for long.
final class Slot: Sendable {
    private let number: Int
    private let isSpare: Bool
    private let worker: Worker
    private let occupancy: Occupancy
    private let working: DispatchGroup

    /// - Parameter working: those at work, this one too from its start to its end.
    init(
        number: Int, isSpare: Bool = false, worker: Worker, _ occupancy: Occupancy,
        among working: DispatchGroup
    ) {
        self.number = number
        self.isSpare = isSpare
        self.worker = worker
        self.occupancy = occupancy
        self.working = working
    }

    func start(drain: Bool) {
        working.enter()
        Thread {
            do {
                try self.work(drain: drain)
            } catch {
                // A database that cannot be used: end, and be started anew by whoever started us.
                self.worker.log.critical("slot \(self.number): \(error)")
                exit(1)
            }
            if !self.isSpare { self.occupancy.leave() }
            self.worker.bell.ring()
            self.working.leave()
            // The kernel ends a resizer with the thread that started it (prctl(2), PR_SET_PDEATHSIG),
            // and it may be another slot's by now.
            self.working.wait()
        }.start()
    }

    private func work(drain: Bool) throws {
        let operations = try worker.operations()
        let catalog = operations.catalog
        let render = Render(worker, operations, Resizer(worker))
        while !worker.bell.isStopping {
            let seen = worker.bell.rings
            do {
                if let claim = try claim(from: catalog) {
                    occupancy.begin(number, for: claim.image.account)
                    defer { occupancy.end(number) }
                    try render.run(claim) { self.mustYield(after: $0, catalog) }
                    if FailedSync.hasHappened { throw DiskFailed() }
                    continue
                }
            } catch CatalogError.busy, CatalogError.noSpace {
                worker.log.warning("slot \(number): the database is busy or full; trying again")
                Thread.sleep(forTimeInterval: 0.5)
                continue
            }
            if drain, !isSpare || occupancy.hasEnded { break }
            worker.bell.wait(after: seen, atMost: drain ? 1 : 30)  // It rings at every poll, too.
        }
    }

    private func claim(from catalog: any Catalog) throws -> Claim? {
        guard isSpare else { return try catalog.queue.claim(by: worker.identity.name) }
        guard let slow = occupancy.excludedFromSpare() else { return nil }
        return try catalog.queue.claim(by: worker.identity.name, fromIdleBut: slow)
    }

    /// A database that is busy is asked again.
    private func mustYield(after used: Duration, _ catalog: any Catalog) -> Bool {
        occupancy.note(used, by: number)
        guard let slow = occupancy.excluded(ifYielding: number),
            (try? catalog.queue.isDue(fromIdleBut: slow)) ?? false
        else { return false }
        occupancy.yield(number)
        return true
    }
}
