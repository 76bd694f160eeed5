import Catalog
import Foundation
import Logging
import Media
import SQLiteCatalog
import Synchronization

/// One picture at a time, on a thread with its own connection.
final class Slot: Sendable {
    private let number: Int
    private let worker: Worker
    private let ended = Atomic<Bool>(false)

    init(number: Int, worker: Worker) {
        self.number = number
        self.worker = worker
    }

    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    func start(drain: Bool) {
        Thread {
            do {
                try self.work(drain: drain)
            } catch {
                // A database that cannot be used: end, and be started anew by whoever started us.
                self.worker.log.critical("slot \(self.number): \(error)")
                exit(1)
            }
            self.ended.store(true, ordering: .releasing)
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
