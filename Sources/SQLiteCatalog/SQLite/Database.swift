import CSQLite

/// A connection to one database file, with its prepared statements. Used by one thread at a time.
final class Database {
    enum TransactionKind: String {
        /// For reading. If it reads and then writes, the write fails when another connection has written in
        /// between.
        case deferred = "DEFERRED"
        /// Takes the write lock when it begins.
        case immediate = "IMMEDIATE"
    }

    let path: String
    let handle: OpaquePointer
    private var statements: [String: Statement] = [:]
    private var isClosed = false
    /// Called before a commit; if it throws, the commit fails with that error. For tests.
    var willCommit: (() throws -> Void)?

    /// Creates the file if it does not exist. Foreign keys are enforced, and calls wait for a busy database
    /// for up to `timeout`.
    init(path: String, timeout: Duration) throws {
        var opened: OpaquePointer?
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) }
            sqlite3_close_v2(opened)
            throw SQLiteError(code: code, message: message)
        }
        self.path = path
        handle = opened
        sqlite3_busy_timeout(handle, Int32(timeout / .milliseconds(1)))
        try execute("PRAGMA foreign_keys = ON")
    }

    deinit {
        guard !isClosed else { return }
        statements = [:]
        sqlite3_close_v2(handle)
    }

    /// Closes the connection. No other call may follow. Throws the error that closing reports.
    func close() throws {
        statements = [:]
        isClosed = true
        let code = sqlite3_close(handle)
        if code != SQLITE_OK { throw SQLiteError(code: code) }
    }

    /// Runs statements without parameters, one after the other.
    func execute(_ sql: String) throws {
        try check(sqlite3_exec(handle, sql, nil, nil, nil))
    }

    /// Runs a statement, which is prepared once per connection. Returns how many rows it changed, without
    /// those that triggers changed.
    @discardableResult
    func run(_ sql: String, _ arguments: Arguments = []) throws -> Int {
        try forEach(sql, arguments) { _ in }
        return Int(sqlite3_changes64(handle))
    }

    /// The first row, decoded while the statement is on it; nil when there is none. Later rows are not read.
    func first<Result>(
        _ sql: String, _ arguments: Arguments = [], _ decode: (Row) throws -> Result
    ) throws -> Result? {
        try statement(sql).execute(arguments) { statement in
            guard try statement.step() else { return nil }
            return try decode(Row(statement))
        }
    }

    func all<Result>(
        _ sql: String, _ arguments: Arguments = [], _ decode: (Row) throws -> Result
    ) throws -> [Result] {
        var results: [Result] = []
        try forEach(sql, arguments) { results.append(try decode($0)) }
        return results
    }

    func forEach(
        _ sql: String, _ arguments: Arguments = [], _ body: (Row) throws -> Void
    ) throws {
        try statement(sql).execute(arguments) { statement in
            while try statement.step() { try body(Row(statement)) }
        }
    }

    /// The first column of the first row; nil when there is no row, and for NULL.
    func value<Value: ColumnValue>(_ sql: String, _ arguments: Arguments = []) throws -> Value? {
        try first(sql, arguments) { try $0[at: 0] as Value? } ?? nil
    }

    /// The first column of every row.
    func values<Value: ColumnValue>(_ sql: String, _ arguments: Arguments = []) throws -> [Value] {
        try all(sql, arguments) { try $0[at: 0] }
    }

    /// Whether there is a row.
    func exists(_ sql: String, _ arguments: Arguments = []) throws -> Bool {
        try first(sql, arguments) { _ in } != nil
    }

    /// Commits what `body` did, or rolls it back when `body` throws.
    ///
    /// - Parameter commitFailed: returns the error to throw when the commit itself fails.
    @discardableResult
    func transaction<Result>(
        _ kind: TransactionKind, _ body: (Database) throws -> Result,
        commitFailed: (SQLiteError) -> any Error = { $0 }
    ) throws -> Result {
        try run("BEGIN \(kind.rawValue)")
        let result: Result
        do {
            result = try body(self)
        } catch {
            rollBack()
            throw error
        }
        do {
            try willCommit?()
            try run("COMMIT")
        } catch {
            rollBack()
            throw (error as? SQLiteError).map(commitFailed) ?? error
        }
        return result
    }

    /// Within a transaction: keeps what `body` did, or rolls back only that when `body` throws.
    func savepoint(_ body: () throws -> Void) throws {
        // ROLLBACK TO undoes the changes but keeps the savepoint, so it is released too
        // (sqlite.org/lang_savepoint.html).
        try run("SAVEPOINT part")
        do {
            try body()
        } catch {
            if isInTransaction {
                try run("ROLLBACK TO part")
                try run("RELEASE part")
            }
            throw error
        }
        try run("RELEASE part")
    }

    /// False also when SQLite itself has rolled back, as it does after some errors such as a full disk
    /// (sqlite.org/lang_transaction.html).
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    private func rollBack() {
        // If ROLLBACK fails, SQLite has already rolled back.
        if isInTransaction { _ = try? run("ROLLBACK") }
    }

    private func statement(_ sql: String) throws -> Statement {
        if let known = statements[sql] { return known }
        let statement = try Statement(sql, on: self)
        statements[sql] = statement
        return statement
    }

    func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw error(code) }
    }

    func error(_ code: Int32) -> SQLiteError {
        SQLiteError(code: code, message: String(cString: sqlite3_errmsg(handle)))
    }
}
