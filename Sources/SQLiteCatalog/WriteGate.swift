import Catalog
import Foundation
import Processes

/// Keeps commits and checkpoints of one WAL database apart, across processes.
///
/// SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when one checkpoint follows another while a
/// commit resets the log (sqlite.org/wal.html#walresetbug), and a TRUNCATE checkpoint that meets a
/// writer silently runs as a PASSIVE one. So many commits may overlap, a checkpoint overlaps none.
///
/// A single lock would starve the checkpointer: someone always holds it shared. Hence two files: a
/// writer takes `turn`, then `gate` shared, and lets `turn` go; the checkpointer keeps `turn` while
/// it waits for `gate`, so that nobody new gets in before it. The kernel frees both when a holder
/// dies.
///
/// Nobody waits for ever for a process that is stopped: locks are tried again every half
/// millisecond until the caller's time is over. `turn` is free but for microseconds, so trying is
/// as good as queueing.
final class WriteGate {
    private let turn: FileLock
    private let gate: FileLock

    /// The lock files lie next to the database and are made when they are not there.
    init(catalog: String) throws {
        turn = try FileLock(path: catalog + ".turn")
        gate = try FileLock(path: catalog + ".gate")
    }

    /// Before a writing transaction. Throws `CatalogError.busy`.
    func enter(within patience: Duration) throws {
        try turn.lock(.exclusive, within: patience)
        defer { turn.unlock() }
        try gate.lock(.shared, within: patience)
    }

    func leave() {
        gate.unlock()
    }

    /// Waits until every writer has left, and lets none in until `open`. Throws `CatalogError.busy`.
    func close(within patience: Duration) throws {
        try turn.lock(.exclusive, within: patience)
        defer { turn.unlock() }
        try gate.lock(.exclusive, within: patience)
    }

    func open() {
        gate.unlock()
    }
}

extension FileLock {
    fileprivate func lock(_ mode: Mode, within patience: Duration) throws {
        if try tryLock(mode) { return }
        let deadline = ContinuousClock.now + patience
        repeat {
            usleep(500)
            if try tryLock(mode) { return }
        } while ContinuousClock.now < deadline
        throw CatalogError.busy
    }
}
