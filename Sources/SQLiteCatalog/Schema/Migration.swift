import Foundation
import Model
import Processes
import Settings

extension SQLiteCatalog {
    /// Creates the catalog if there is none, updates an older one to this schema version, and sets its
    /// journal mode. For `multires init` and `serve`, before anything else has the database open: programs
    /// that are running would neither know the new schema nor notice another journal mode.
    ///
    /// If it is killed at any point, it leaves the old schema or the new one, and can be run again. Throws
    /// `ConfigurationError`, and changes nothing, when the database is damaged, newer, or another program's.
    public static func migrate(path: String, journal: JournalMode) throws {
        try migrate(path: path, journal: journal, by: Schema.migrations)
    }

    static func migrate(
        path: String, journal: JournalMode, by migrations: [Migration]
    ) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try Connection.refuseNetwork(folder)
        try WriteGate(catalog: path).pass(within: CatalogRole.worker.timeout) {
            if !FileManager.default.fileExists(atPath: path) {
                try create(path, by: migrations)
            }
            try Connection.checkPlace(of: path)
            try update(path, journal: journal, by: migrations)
        }
    }

    private static func update(
        _ path: String, journal: JournalMode, by migrations: [Migration]
    ) throws {
        let database = try Connection.connect(path, role: .worker)
        try Connection.describingDamage(of: path) {
            _ = try Connection.version(of: database)
            let mode: String? = try database.value("PRAGMA journal_mode = \(journal.rawValue)")
            guard mode == journal.rawValue else { throw CatalogError.busy }
            try database.migrate(by: migrations)
        }
    }

    /// Creates the catalog under another name, then renames it, so that it exists completely or not at all.
    private static func create(_ path: String, by migrations: [Migration]) throws {
        // SQLite would apply a log whose database is lost to the new database.
        for log in [path + "-wal", path + "-journal"] {
            var status = stat()
            // In truncate mode an empty rollback journal stays after each transaction.
            guard stat(log, &status) != 0 || status.st_size == 0 else {
                throw ConfigurationError(
                    "\(path) is missing, but its log \(log) exists. Put the file back, or restore "
                        + "a backup with \"multires restore DIR\", or run \"multires init "
                        + "--new-catalog\", which moves all old data to recovered/.")
            }
        }
        let draft = path + ".new"
        for leftover in [draft, draft + "-journal"] { unlink(leftover) }
        let database = try Connection.connect(draft, role: .worker)
        // The next start removes a draft that a crash has left. So it needs no journal, and only one sync,
        // before it is renamed.
        try database.execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
        try database.migrate(by: migrations)
        try database.close()
        // Password hashes are in it: only its owner may read it.
        try Files.publish(draft, as: path, mode: 0o600)
    }
}

/// Brings a schema from one version to the next, in a transaction.
typealias Migration = @Sendable (Database) throws -> Void

extension Database {
    /// Each migration updates `user_version` in its own transaction, so one that is interrupted leaves the
    /// previous schema.
    func migrate(by migrations: [Migration]) throws {
        let done: Int = try value("PRAGMA user_version") ?? 0
        for (place, migration) in migrations.enumerated().dropFirst(done) {
            try writing { db in
                try migration(db)
                try db.execute("PRAGMA user_version = \(place + 1)")
            }
        }
    }
}
