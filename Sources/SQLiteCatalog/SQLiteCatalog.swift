import CSQLite
import Foundation
import Model
import Processes
import Settings

/// Accounts, images and jobs in one SQLite file, shared by any number of processes.
///
/// One instance is one connection and belongs to one thread: it is not Sendable. Open it in the
/// thread that uses it, and never use it after a fork.
///
/// Every call is one transaction. A transaction that writes begins with BEGIN IMMEDIATE: a deferred one that
/// reads and then writes fails at once if another connection has written in between, regardless of the
/// busy timeout. No statement stays open between calls.
public final class SQLiteCatalog: Catalog {
    let database: Database
    let rules: JobRules
    /// Nil for a copy, which is only read.
    private let gate: WriteGate?
    private let group: GroupCommit
    let role: CatalogRole

    /// Milliseconds since the boot (CLOCK_BOOTTIME); tests replace it.
    var clock: () -> Int64 = BootClock.milliseconds
    var boot = BootClock.bootID
    /// Whether `SQLiteQueue.resetTimesOfEarlierBoot` has looked for times of an earlier boot.
    var hasResetEarlierBoot = false

    /// Opens a catalog that `migrate` has set up. Throws `ConfigurationError`, and writes nothing, when it is
    /// missing, damaged, of another schema version, or in another journal mode than `journal`.
    public init(
        path: String, journal: JournalMode, role: CatalogRole, rules: JobRules = JobRules()
    ) throws {
        database = try Connection.open(path, journal: journal, role: role)
        gate = try WriteGate(catalog: path)
        group = .of(catalog: path)
        self.role = role
        self.rules = rules
    }

    /// Opens the catalog of these settings; throws like the initializer above.
    public convenience init(_ configuration: Configuration, role: CatalogRole) throws {
        try self.init(
            path: configuration.folders.catalog, journal: configuration.journal, role: role,
            rules: JobRules(attempts: configuration.attempts, lease: configuration.lease))
    }

    /// Opens a backup's database, of this schema version or an older one, in rollback mode, for reading only.
    /// Writes nothing, not even a file beside it. Throws `ConfigurationError`.
    public init(copy path: String) throws {
        database = try Connection.openCopy(path)
        gate = nil
        group = .of(catalog: path)
        role = .worker
        rules = JobRules()
    }

    public var accounts: any AccountStore { SQLiteAccounts(catalog: self) }
    public var images: any ImageStore { SQLiteImages(catalog: self) }
    public var queue: any JobQueue { SQLiteQueue(catalog: self) }

    /// Closes the connection. No other call may follow. Throws the error that closing reports.
    public func close() throws {
        try database.close()
    }

    /// Runs one statement, or several that need not see the same moment, without a transaction around them.
    /// Most requests use only this.
    @discardableResult
    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do { return try body(database) } catch { throw translated(error) }
    }

    /// Runs several statements that must see the same moment.
    func snapshot<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try read { try $0.transaction(.deferred, body) }
    }

    /// Runs `body` in a transaction, together with those of other threads that wait at the same time. So
    /// `body` may run on another thread and a second time, and must use only the connection that it is given:
    /// see `GroupCommit`.
    @discardableResult
    func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        guard let gate else {
            throw ConfigurationError("\(database.path) is a backup, which can only be read.")
        }
        do {
            return try withoutActuallyEscaping(body) { body in
                try group.run(on: database, through: gate, within: role.timeout, body)
            }
        } catch { throw translated(error) }
    }

    /// SQLite's version, and whether this connection leaves checkpoints to the `Checkpointer` (see
    /// `WriteGate`) and syncs every commit.
    public func safety() throws -> (version: String, isSafe: Bool) {
        try read { db in
            let version = try db.value("SELECT sqlite_version()") ?? "?"
            let checkpoints: Int? = try db.value("PRAGMA wal_autocheckpoint")
            let synchronous: Int? = try db.value("PRAGMA synchronous")
            return (version, checkpoints == 0 && synchronous == 2)
        }
    }

    /// Length of the write-ahead log in bytes; 0 when there is none.
    public var logBytes: Int64 { Checkpointer.logBytes(of: database.path) }

    /// Reads the whole database once, and throws `ConfigurationError` when it is damaged.
    public func quickCheck() throws {
        try Connection.describingDamage(of: database.path) {
            // Unlike integrity_check, it does not compare indexes with their tables, and so takes less time
            // (sqlite.org/pragma.html#pragma_quick_check). It stops after 1 error.
            let verdict: String? = try database.value("PRAGMA quick_check(1)")
            guard verdict == "ok" else { throw SQLiteError(code: SQLITE_CORRUPT) }
        }
    }
}

/// The tables of accounts, sessions, keys and attempts.
struct SQLiteAccounts {
    let catalog: SQLiteCatalog
}

/// The tables of images and idempotency keys.
struct SQLiteImages {
    let catalog: SQLiteCatalog
}

/// The table of jobs.
struct SQLiteQueue {
    let catalog: SQLiteCatalog
}

extension Database {
    /// Commits what `body` did, or rolls it back when `body` throws. Throws `CatalogError.unknownOutcome`
    /// when the commit itself fails with an I/O error: its frame may be in the log, and if all processes that
    /// have the database open crash, the next one to open it replays that frame.
    func writing<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try transaction(.immediate, body) { error in
            guard error.primaryCode == SQLITE_IOERR else { return error }
            // If the disk is too full for the WAL's shared memory, no sync has failed.
            if error.code != SQLiteError.sharedMemoryFull { FailedSync.remember() }
            return CatalogError.unknownOutcome
        }
    }
}
