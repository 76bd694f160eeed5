import CSQLite
import Foundation
import Model
import Processes
import Settings

/// Accounts, images and jobs in one SQLite file, shared by any number of processes.
///
/// One instance is one connection and belongs to one thread: it is not Sendable. Open it in the
/// thread that uses it, and never carry it over a fork.
///
/// Every call is one transaction, and a writing one begins IMMEDIATE: a deferred one that reads and
/// then writes fails at once, whatever the busy timeout. No statement stays open between calls.
public final class SQLiteCatalog: Catalog {
    let database: Database
    let rules: JobRules
    /// Nil for a copy, which is only read.
    private let gate: WriteGate?
    private let group: GroupCommit
    let role: CatalogRole

    /// `BootClock`, unless a test lets time pass.
    var clock: () -> Int64 = BootClock.milliseconds
    var boot = BootClock.bootID
    /// Whether what an earlier boot left has been looked for; see `Jobs`.
    var hasJoinedBoot = false

    /// Opens a catalog that `migrate` has set up. Throws `Unusable` when it is missing, damaged, of
    /// another version or in another journal mode than the setting says; nothing is written then.
    public init(
        path: String, journal: JournalMode, role: CatalogRole, rules: JobRules = JobRules()
    ) throws {
        database = try Connection.open(path, journal: journal, role: role)
        gate = try WriteGate(catalog: path)
        group = .of(catalog: path)
        self.role = role
        self.rules = rules
    }

    /// By the settings; throws as the other does.
    public convenience init(_ configuration: Configuration, role: CatalogRole) throws {
        try self.init(
            path: configuration.folders.catalog, journal: configuration.journal, role: role,
            rules: JobRules(attempts: configuration.attempts, lease: configuration.lease))
    }

    /// A backup's database, to be read: of this schema or an older one, in rollback mode. Nothing is
    /// written, beside it neither. Throws `Unusable`.
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

    /// Nothing may be called on it any more; it says what closing finds.
    public func close() throws {
        try database.close()
    }

    /// For one statement, which needs no transaction around it: what requests ask all the time.
    @discardableResult
    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do { return try body(database) } catch { throw translated(error) }
    }

    /// Several statements that see one moment.
    func snapshot<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try read { try $0.transaction(.deferred, body) }
    }

    @discardableResult
    func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        guard let gate else { throw Unusable("\(database.path) is a backup.") }
        do {
            return try withoutActuallyEscaping(body) { body in
                try group.run(on: database, through: gate, within: role.patience, body)
            }
        } catch { throw translated(error) }
    }

    /// The library's version, and whether this connection leaves checkpoints to the one that may
    /// (see `WriteGate`) and syncs every commit.
    public func safety() throws -> (version: String, isSafe: Bool) {
        try read { db in
            let version = try db.value("SELECT sqlite_version()") ?? "?"
            let checkpoints: Int? = try db.value("PRAGMA wal_autocheckpoint")
            let synchronous: Int? = try db.value("PRAGMA synchronous")
            return (version, checkpoints == 0 && synchronous == 2)
        }
    }

    /// Of the write-ahead log; 0 when there is none.
    public var logBytes: Int64 { Checkpointer.logBytes(of: database.path) }

    /// Looks for damage; reads the whole database once. Throws `Unusable`.
    public func quickCheck() throws {
        try Connection.describingDamage(of: database.path) {
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
    /// Commits what `body` did, or rolls it back when it throws. Throws `CatalogError.unknownOutcome`
    /// when the commit itself meets an I/O error: its frame may be in the log, which another process
    /// would replay after a crash of all that have the database open.
    func writing<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try transaction(.immediate, body) { error in
            guard error.primaryCode == SQLITE_IOERR else { return error }
            // A disk too full for the WAL's shared memory is no failed sync.
            if error.code != SQLiteError.sharedMemoryFull { FailedSync.remember() }
            return CatalogError.unknownOutcome
        }
    }
}
