import CSQLite
import Foundation
import Model
import Processes
import Settings

extension CatalogRole {
    /// How long a connection waits for other writers; `CatalogRole` has the reasons.
    var timeout: Duration {
        switch self {
        case .responder: .seconds(5)
        case .worker: .seconds(15)
        case .checkpointer: .seconds(1)
        }
    }
}

/// Opens connections with the settings that protect the data; `prepare` has their reasons.
enum Connection {
    /// Opens a catalog of this schema version in the given journal mode. Throws `ConfigurationError`; then
    /// nothing was written.
    static func open(_ path: String, journal: JournalMode, role: CatalogRole) throws -> Database {
        try checkPlace(of: path)
        try checkWritable(path)
        let database = try connect(path, role: role)
        try describingDamage(of: path) {
            let version = try version(of: database)
            guard version == Schema.version else {
                throw ConfigurationError(
                    version == 0
                        ? "\(path) has not been set up. Run \"multires init\"."
                        : "\(path) has schema \(version), but this program needs "
                            + "\(Schema.version). Run \"multires init\".")
            }
            try check(journal, of: database)
        }
        return database
    }

    /// Opens a copy of this or an earlier schema version.
    static func openCopy(_ path: String) throws -> Database {
        try checkPlace(of: path)
        let database = try connect(path, role: .worker)
        try describingDamage(of: path) {
            let version = try version(of: database)
            guard version > 0 else {
                throw ConfigurationError("\(path) is not a backup of Multires: it has no schema.")
            }
            try Schema.readAsThisVersion(database, version: version)
        }
        return database
    }

    /// Opens a database without checking its content.
    static func connect(_ path: String, role: CatalogRole) throws -> Database {
        try describingDamage(of: path) {
            let database = try Database(path: path, timeout: role.timeout)
            try prepare(database)
            return database
        }
    }

    private static func prepare(_ db: Database) throws {
        // Only the checkpointer moves the log: see `WriteGate`.
        guard multires_no_checkpoint_on_close(db.handle) == SQLITE_OK,
            sqlite3_wal_autocheckpoint(db.handle, 0) == SQLITE_OK
        else {
            throw ConfigurationError("This SQLite library cannot disable its own checkpoints.")
        }
        guard NameSearch.register(db.handle) else {
            throw ConfigurationError(
                "This SQLite library rejects the function for searching names.")
        }
        try db.execute(
            """
            PRAGMA synchronous = FULL;  -- a commit survives a power cut
            PRAGMA cache_size = -256;   -- KiB; 64 connections take 21 MB instead of 137
            PRAGMA mmap_size = 0;       -- a read error is an error code, not a SIGBUS
            PRAGMA temp_store = MEMORY; -- temporary tables and indexes need no files
            """)
        guard try db.value("PRAGMA synchronous") == 2 else {
            throw ConfigurationError(
                "This SQLite library would not sync commits to the disk: it ignores \"PRAGMA "
                    + "synchronous = FULL\".")
        }
    }

    /// The schema's version, 0 for an empty database. Throws `ConfigurationError` for a newer one, and for
    /// another program's database.
    static func version(of db: Database) throws -> Int {
        let path = db.path
        let version: Int = try db.value("PRAGMA user_version") ?? 0
        let application: Int = try db.value("PRAGMA application_id") ?? 0
        let isEmpty = try !db.exists("SELECT 1 FROM sqlite_schema LIMIT 1")
        guard application == Schema.application || isEmpty else {
            throw ConfigurationError(
                "\(path) is the database of another program: move it away, or correct "
                    + "MULTIRES_DATA.")
        }
        guard version <= Schema.version else {
            throw ConfigurationError(
                "\(path) was made by a newer Multires: it has schema version \(version), and this "
                    + "program supports up to \(Schema.version). Use the newer program.")
        }
        return version
    }

    private static func check(_ journal: JournalMode, of db: Database) throws {
        let path = db.path
        let isWAL = try db.value("PRAGMA journal_mode") == "wal"
        guard isWAL == (journal == .wal) else {
            throw ConfigurationError(
                "\(path) is in \(isWAL ? "wal" : "truncate") mode, but MULTIRES_JOURNAL is "
                    + "\(journal.rawValue). Correct the setting, or stop all programs and run "
                    + "\"multires doctor --fix\" to change the database.")
        }
        // Only WAL mode is stored in the file; the kind of rollback journal is a setting of the connection.
        if !isWAL { try db.execute("PRAGMA journal_mode = TRUNCATE") }
    }

    /// Checks the path without opening the file: closing it again would drop the locks of this process's
    /// other connections (sqlite.org/howtocorrupt.html, section 2.2).
    static func checkPlace(of path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let error = SystemError("stat", path)
            throw ConfigurationError.noDatabase(
                at: path, because: error.code == ENOENT ? nil : error.reason)
        }
        guard status.st_size > 0 else {
            throw ConfigurationError(
                "\(path) is empty, so its data is lost. Move it away and run \"multires restore "
                    + "DIR\" with the newest backup, or run \"multires init --new-catalog\", which "
                    + "moves all old data to recovered/ in the data folder.")
        }
        try refuseNetwork(path)
    }

    /// SQLite opens a file that it may not write for reading only, and then fails at every change.
    private static func checkWritable(_ path: String) throws {
        for file in files(of: path) where access(file, W_OK) != 0 && errno != ENOENT {
            throw notWritable(path, because: SystemError("access", file).description)
        }
    }

    private static func files(of path: String) -> [String] { [path, path + "-wal", path + "-shm"] }

    private static func notWritable(_ path: String, because reason: String?) -> ConfigurationError {
        let owner = files(of: path).lazy.compactMap(FileOwner.mismatch).first
        return ConfigurationError(
            "\(path) cannot be opened for writing: "
                + (owner ?? reason ?? "no reason given") + ".")
    }

    static func refuseNetwork(_ path: String) throws {
        guard let kind = NetworkFilesystem.kind(at: path) else { return }
        throw ConfigurationError(
            "\(path) is on a network filesystem (\(kind)), where a database is not "
                + "safe: put MULTIRES_DATA on a disk of this machine.")
    }

    /// Turns errors of SQLite that mean damage or missing permissions into a `ConfigurationError`, and other
    /// ones as `translated` does.
    static func describingDamage<Result>(of path: String, _ body: () throws -> Result) throws
        -> Result
    {
        do {
            return try body()
        } catch let error as SQLiteError {
            switch error.primaryCode {
            case SQLITE_CORRUPT, SQLITE_NOTADB:
                throw ConfigurationError(
                    "\(path) is damaged. Stop the service, move it and \(path)-wal away, and run "
                        + "\"multires restore DIR\" with the newest backup.")
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY:
                throw notWritable(path, because: error.message)
            default: throw translated(error)
            }
        }
    }
}

/// Turns errors on which callers can act into a `CatalogError`.
func translated(_ error: any Error) -> any Error {
    guard let error = error as? SQLiteError else { return error }
    switch error.primaryCode {
    // SQLITE_PROTOCOL: the connection lost the race for the WAL's locks for 10 s.
    case SQLITE_BUSY, SQLITE_PROTOCOL: return CatalogError.busy
    case SQLITE_FULL: return CatalogError.noSpace
    // The WAL's shared memory is a file too, and could not grow.
    case SQLITE_IOERR where error.code == SQLiteError.sharedMemoryFull:
        return CatalogError.noSpace
    default: return error
    }
}
