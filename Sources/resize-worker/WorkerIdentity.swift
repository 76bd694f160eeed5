import Catalog
import Foundation
import Processes
import SQLiteCatalog

/// A name of this worker's own, with a lock that the kernel drops when it dies: so others know at
/// once whose leases nobody will finish.
struct WorkerIdentity: ~Copyable, Sendable {
    let name: String
    private let folder: String
    private let lock: FileLock

    init(folder: String) throws {
        let name = "worker-" + Identifier<Worker>().text
        let lock = try FileLock(path: Self.lockPath(folder, name))
        try lock.lock(.exclusive)
        self.folder = folder
        self.name = name
        self.lock = lock
    }

    deinit {
        unlink(Self.lockPath(folder, name))
    }

    /// Voids the leases of workers whose lock nobody holds.
    func releaseJobsOfTheDead(in queue: some JobQueue) throws {
        for holder in try queue.holders() where holder != name {
            let path = Self.lockPath(folder, holder)
            let lock = try FileLock(path: path)
            guard try lock.tryLock(.exclusive) else { continue }
            try queue.releaseAll(of: holder)
            unlink(path)
        }
    }

    private static func lockPath(_ folder: String, _ name: String) -> String {
        "\(folder)/\(name).lock"
    }
}
