import Catalog
import Foundation
import GRDB
import Processes

/// Accounts, images and jobs in one SQLite file, shared by any number of processes.
///
/// One instance is one connection and belongs to one thread: it is not Sendable. Open it in the
/// thread that uses it, and never carry it over a fork.
///
/// Every call is one transaction, and a writing one begins IMMEDIATE: a deferred one that reads and
/// then writes fails at once, whatever the busy timeout. No statement stays open between calls.
public final class SQLiteCatalog {
    let queue: DatabaseQueue
    let rules: JobRules
    /// Nil in truncate mode, where nothing is ever checkpointed.
    private let gate: WriteGate?
    let role: Role

    /// `BootClock`, unless a test lets time pass.
    var clock: () -> Int64 = BootClock.milliseconds
    var boot = BootClock.bootID
    /// Whether what an earlier boot left has been looked for; see `Jobs`.
    var hasJoinedBoot = false

    /// Opens a catalog that `migrate` has set up. Throws `Unusable` when it is missing, damaged, of
    /// another version or in another journal mode than the setting says; nothing is written then.
    public init(
        path: String, journal: JournalMode, role: Role, rules: JobRules = JobRules()
    ) throws {
        queue = try Connection.open(path, journal: journal, role: role)
        gate = journal == .wal ? try WriteGate(catalog: path) : nil
        self.role = role
        self.rules = rules
    }

    /// For one statement, which needs no transaction around it: what requests ask all the time.
    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do {
            // "Unsafe" means that nothing stops `body` from writing; GRDB's `read` would open a
            // transaction and hop to another queue.
            return try queue.unsafeReentrantRead(body)
        } catch { throw translated(error) }
    }

    /// Several statements that see one moment.
    func snapshot<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try read { try $0.transaction(.deferred, body) }
    }

    @discardableResult
    func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try gate?.enter(within: role.patience)
        defer { gate?.leave() }
        return try read { try $0.transaction(.immediate, body) }
    }

    /// Looks for damage; reads the whole database once. Throws `Unusable`.
    public func quickCheck() throws {
        try read { db in
            guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else {
                throw Unusable(description: "\(queue.path) is damaged: restore a backup.")
            }
        }
    }
}

extension Database {
    /// Commits what `body` did, or rolls it back when it throws.
    func transaction<Result>(
        _ kind: TransactionKind, _ body: (Database) throws -> Result
    ) throws -> Result {
        var result: Result?
        try inTransaction(kind) {
            result = try body(self)
            return .commit
        }
        // Because `inTransaction` throws unless its block returned.
        return result!
    }
}
