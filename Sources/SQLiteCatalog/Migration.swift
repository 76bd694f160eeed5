import Catalog
import Foundation
import GRDB

extension SQLiteCatalog {
    /// Makes the catalog when there is none, brings an older one up to date, and sets its journal
    /// mode. For `multires init` and `serve`, before anything else has the database open: programs
    /// that are running would neither know the new schema nor notice another journal mode.
    ///
    /// Killed at any point, it leaves the old schema or the new one, and can be run again. Throws
    /// `Unusable`, with nothing changed, where the database is damaged, another program's or newer.
    public static func migrate(path: String, journal: JournalMode) throws {
        try migrate(path: path, journal: journal, by: Schema.migrator)
    }

    static func migrate(
        path: String, journal: JournalMode, by migrator: DatabaseMigrator
    ) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try Connection.refuseNetwork(folder)
        try WriteGate(catalog: path).pass(within: Role.worker.patience) {
            if !FileManager.default.fileExists(atPath: path) {
                try create(path, by: migrator)
            }
            try Connection.checkPlace(of: path)
            try update(path, journal: journal, by: migrator)
        }
    }

    private static func update(
        _ path: String, journal: JournalMode, by migrator: DatabaseMigrator
    ) throws {
        let queue = try Connection.connect(path, role: .worker)
        try Connection.describingDamage(of: path) {
            try queue.unsafeReentrantWrite { db in
                _ = try Connection.version(of: db, path: path)
                let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = \(journal.rawValue)")
                guard mode == journal.rawValue else { throw CatalogError.busy }
            }
            try migrator.migrate(queue)
        }
    }

    /// Beside its place, then moved there, so that a catalog is there wholly or not at all.
    private static func create(_ path: String, by migrator: DatabaseMigrator) throws {
        // SQLite would take a log that lost its database for the new one's.
        for log in [path + "-wal", path + "-journal"] {
            var status = stat()
            // A rollback journal that is over stays, empty.
            guard stat(log, &status) != 0 || status.st_size == 0 else {
                throw Unusable(
                    description: "\(path) is missing but its log \(log) is there: put the file "
                        + "back, or restore a backup with `multires restore DIR`, or run `multires "
                        + "init --new-catalog`, which moves all old data to recovered/.")
            }
        }
        let draft = path + ".new"
        for leftover in [draft, draft + "-journal"] { unlink(leftover) }
        let queue = try Connection.connect(draft, role: .worker)
        // A draft that a crash leaves is removed, so it is synced once, whole, before it is renamed.
        try queue.unsafeReentrantWrite { db in
            try db.execute(sql: "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
        }
        try migrator.migrate(queue)
        try queue.close()
        try Durable.move(draft, to: path)
    }
}
