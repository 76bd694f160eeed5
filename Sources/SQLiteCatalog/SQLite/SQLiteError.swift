import CSQLite

/// An error of SQLite. It contains no bound values: SQLite's messages name tables, columns and constraints.
struct SQLiteError: Error, CustomStringConvertible {
    /// The extended result code (sqlite.org/rescode.html).
    let code: Int32
    let message: String

    init(code: Int32, message: String? = nil) {
        self.code = code
        self.message =
            message ?? sqlite3_errstr(code).map { String(cString: $0) } ?? "unknown error"
    }

    /// SQLITE_IOERR_SHMSIZE, a macro that Swift does not see: the WAL's shared memory could not grow.
    static let sharedMemoryFull: Int32 = SQLITE_IOERR | 19 << 8

    /// The least significant byte of the extended code.
    var primaryCode: Int32 { code & 0xFF }

    var description: String { "SQLite error \(code): \(message)" }
}
