import CSQLite
import Foundation
import Model
import Processes
import Settings

extension CatalogRole {
    var patience: Duration {
        switch self {
        case .responder: .seconds(5)
        case .worker: .seconds(15)
        case .checkpointer: .seconds(1)
        }
    }
}

/// Opening, by the rules that keep data; each has its reason in `prepare`.
enum Connection {
    /// A connection to a catalog of this version in the given journal mode. Throws `Unusable`; then
    /// nothing was written.
    static func open(_ path: String, journal: JournalMode, role: CatalogRole) throws -> Database {
        try checkPlace(of: path)
        try checkWritable(path)
        let database = try connect(path, role: role)
        try describingDamage(of: path) {
            let version = try version(of: database)
            guard version == Schema.version else {
                throw Unusable(
                    version == 0
                        ? "\(path) has not been set up: run `multires init`."
                        : "\(path) has schema \(version), this program needs "
                            + "\(Schema.version): run `multires init`.")
            }
            try check(journal, of: database)
        }
        return database
    }

    /// A connection to a copy of this or an earlier version.
    static func openCopy(_ path: String) throws -> Database {
        try checkPlace(of: path)
        let database = try connect(path, role: .worker)
        try describingDamage(of: path) {
            let version = try version(of: database)
            guard version > 0 else {
                throw Unusable("\(path) is no backup of Multires.")
            }
            try Schema.readAsThisVersion(database, version: version)
        }
        return database
    }

    /// Without any look at what is inside.
    static func connect(_ path: String, role: CatalogRole) throws -> Database {
        try describingDamage(of: path) {
            let database = try Database(path: path, patience: role.patience)
            try prepare(database)
            return database
        }
    }

    private static func prepare(_ db: Database) throws {
        guard multires_no_checkpoint_on_close(db.handle) == SQLITE_OK,
            sqlite3_wal_autocheckpoint(db.handle, 0) == SQLITE_OK
        else {
            throw Unusable("This SQLite cannot leave checkpoints to us.")
        }
        guard NameSearch.register(db.handle) else {
            throw Unusable("This SQLite takes no function for searches by name.")
        }
        try db.execute(
            """
            PRAGMA synchronous = FULL;  -- what was answered survives a power cut
            PRAGMA cache_size = -256;   -- KiB; 64 connections in 21 MB instead of 137
            PRAGMA mmap_size = 0;       -- a read error is an error, not a SIGBUS
            PRAGMA temp_store = MEMORY;
            """)
        guard try db.value("PRAGMA synchronous") == 2 else {
            throw Unusable("SQLite would not sync commits to the disk.")
        }
    }

    /// The schema's version, 0 for an empty database. Throws `Unusable` for a newer one and for what
    /// is another program's.
    static func version(of db: Database) throws -> Int {
        let path = db.path
        let version: Int = try db.value("PRAGMA user_version") ?? 0
        let application: Int = try db.value("PRAGMA application_id") ?? 0
        let isEmpty = try !db.exists("SELECT 1 FROM sqlite_schema LIMIT 1")
        guard application == Schema.application || isEmpty else {
            throw Unusable("\(path) is the database of another program.")
        }
        guard version <= Schema.version else {
            throw Unusable(
                "\(path) was made by a newer Multires: it has schema \(version), this "
                    + "program knows \(Schema.version).")
        }
        return version
    }

    private static func check(_ journal: JournalMode, of db: Database) throws {
        let path = db.path
        let isWAL = try db.value("PRAGMA journal_mode") == "wal"
        guard isWAL == (journal == .wal) else {
            throw Unusable(
                "\(path) is in \(isWAL ? "wal" : "truncate") mode, MULTIRES_JOURNAL "
                    + "says \(journal.rawValue): correct the setting, or stop everything and run "
                    + "`multires doctor --fix` to change the database.")
        }
        // Only WAL is written into the file; the kinds of rollback journal are the connection's.
        if !isWAL { try db.execute("PRAGMA journal_mode = TRUNCATE") }
    }

    /// By path alone: opening and closing the file here would drop the locks of this process's other
    /// connections (sqlite.org/howtocorrupt.html, section 2.2).
    static func checkPlace(of path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Unusable("There is no database at \(path): run `multires init`.")
        }
        guard status.st_size > 0 else {
            throw Unusable(
                "\(path) is empty, so its data is lost: move it away and run "
                    + "`multires restore DIR` with the newest backup, or run `multires init "
                    + "--new-catalog`, which moves all old data to recovered/ in the data folder.")
        }
        try refuseNetwork(path)
    }

    /// SQLite opens what may not be written for reading alone, and then fails at every change.
    private static func checkWritable(_ path: String) throws {
        for file in files(of: path) where access(file, W_OK) != 0 && errno != ENOENT {
            throw notWritable(path, because: SystemError("access", file).description)
        }
    }

    private static func files(of path: String) -> [String] { [path, path + "-wal", path + "-shm"] }

    private static func notWritable(_ path: String, because reason: String?) -> Unusable {
        let owner = files(of: path).lazy.compactMap(FileOwner.mismatch).first
        return Unusable(
            "\(path) cannot be opened for writing: "
                + (owner ?? reason ?? "no reason given") + ".")
    }

    static func refuseNetwork(_ path: String) throws {
        guard let kind = NetworkFilesystem.kind(at: path) else { return }
        throw Unusable(
            "\(path) lies on a network filesystem (\(kind)), where a database is not "
                + "safe: put MULTIRES_DATA on a disk of this machine.")
    }

    static func describingDamage<Result>(of path: String, _ body: () throws -> Result) throws
        -> Result
    {
        do {
            return try body()
        } catch let error as SQLiteError {
            switch error.primaryCode {
            case SQLITE_CORRUPT, SQLITE_NOTADB:
                throw Unusable(

                    "\(path) is damaged: stop everything, move it and \(path)-wal away, "
                        + "and run `multires restore DIR` with the newest backup.")
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY:
                throw notWritable(path, because: error.message)
            default: throw translated(error)
            }
        }
    }
}

/// What callers can act on becomes a `CatalogError`.
func translated(_ error: any Error) -> any Error {
    guard let error = error as? SQLiteError else { return error }
    switch error.primaryCode {
    // SQLITE_PROTOCOL: lost the race for the WAL's locks for 10 s.
    case SQLITE_BUSY, SQLITE_PROTOCOL: return CatalogError.busy
    case SQLITE_FULL: return CatalogError.noSpace
    // The WAL's shared memory is a file too, and could not grow.
    case SQLITE_IOERR where error.code == SQLiteError.sharedMemoryFull:
        return CatalogError.noSpace
    default: return error
    }
}
