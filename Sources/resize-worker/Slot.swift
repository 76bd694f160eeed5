import Catalog
import Dispatch
import Foundation
import Logging
import Processes
import SQLiteCatalog

/// One picture at a time, on a thread with its own connection.
final class Slot: Sendable {
    private let number: Int
    private let worker: Worker
    private let working: DispatchGroup

    /// - Parameter working: those at work, this one too from its start to its end.
    init(number: Int, worker: Worker, among working: DispatchGroup) {
        self.number = number
        self.worker = worker
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
            self.working.leave()
            // The kernel ends a resizer with the thread that started it (prctl(2), PR_SET_PDEATHSIG),
            // and it may be another slot's by now.
            self.working.wait()
        }.start()
    }

    private func work(drain: Bool) throws {
        let catalog = try SQLiteCatalog(worker.configuration, role: .worker)
        let render = Render(worker, catalog, Resizer(worker))
        while !worker.bell.isStopping {
            let seen = worker.bell.rings
            do {
                if let claim = try catalog.claim(by: worker.identity.name) {
                    try render.run(claim)
                    if FailedSync.hasHappened { throw DiskFailed() }
                    continue
                }
            } catch CatalogError.busy, CatalogError.noSpace {
                worker.log.warning("slot \(number): the database is busy or full; trying again")
                Thread.sleep(forTimeInterval: 0.5)
                continue
            }
            if drain { break }
            worker.bell.wait(after: seen, atMost: 30)  // It rings at every poll, too.
        }
    }
}
