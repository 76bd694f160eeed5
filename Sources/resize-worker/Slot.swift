import Catalog
import Foundation
import Logging
import Media
import SQLiteCatalog
import Synchronization

/// One picture at a time, on a thread with its own connection and its own resizer.
final class Slot: Sendable {
    /// An idle resizer keeps what its last pictures took; after this long it is ended, and the first
    /// slot keeps a fresh one ready, so that the next upload does not wait for a start.
    private static let idleLimit: TimeInterval = 30

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
        let resizer = Resizer(
            worker.configuration, in: worker.identity.folder, metrics: worker.metrics)
        let render = Render(worker, catalog, resizer)
        if number == 0, !drain { resizer.warm() }
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
            worker.bell.wait(after: seen, atMost: Self.idleLimit)
            if resizer.idleSeconds > Self.idleLimit {
                resizer.end()
                if number == 0 { resizer.warm() }
            }
        }
    }
}
