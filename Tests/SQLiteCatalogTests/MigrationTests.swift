import Foundation
import Model
import Processes
import Settings
import Support
import Testing

@testable import SQLiteCatalog

@Suite("Catalog setup and migration")
struct MigrationTests {
    let sites = TemporaryCatalogs()

    @Test("Setup can be repeated and changes nothing", arguments: Implementation.allCases)
    func again(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let account = try site.open().accounts.registerAccount()
        try SQLiteCatalog.migrate(path: site.path, journal: site.journal)
        #expect(try site.open().accounts.passwordHash(of: account) == "hash")
    }

    @Test(
        "Setup changes the journal mode if the database is not open elsewhere",
        arguments: Implementation.allCases)
    func changesMode(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let account = try site.open().accounts.registerAccount()
        let other: JournalMode = implementation.journal == .wal ? .truncate : .wal
        try SQLiteCatalog.migrate(path: site.path, journal: other)
        let catalog = try SQLiteCatalog(path: site.path, journal: other, role: .responder)
        #expect(try catalog.accounts.passwordHash(of: account) == "hash")
    }

    @Test("Only its owner can read the database and its log")
    func mode() throws {
        let site = try sites.new(.sqliteWAL)
        _ = try site.open().accounts.registerAccount()
        for name in [site.path, site.path + "-wal"] {
            let mode = try FileManager.default.attributesOfItem(atPath: name)[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }
    }

    @Test("A log without its database is refused, not used for the new database")
    func strayLog() throws {
        let site = try sites.new(.sqliteWAL)
        _ = try site.open().accounts.registerAccount()
        try FileManager.default.removeItem(atPath: site.path)
        let error = try #require(throws: ConfigurationError.self) {
            try SQLiteCatalog.migrate(path: site.path, journal: .wal)
        }
        #expect(error.description.contains("-wal"))
    }

    @Test("A rollback journal without its database, which would undo new pages, is refused")
    func strayJournal() throws {
        let site = try sites.new(.sqliteTruncate)
        _ = try site.open().accounts.registerAccount()
        try FileManager.default.removeItem(atPath: site.path)
        try Data([1]).write(to: URL(fileURLWithPath: site.path + "-journal"))
        let error = try #require(throws: ConfigurationError.self) {
            try SQLiteCatalog.migrate(path: site.path, journal: .truncate)
        }
        #expect(error.description.contains("-journal"))
    }

    @Test(
        "An interrupted first setup leaves no catalog and can be repeated",
        arguments: Implementation.allCases)
    func interruptedFirst(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let path = site.folder + "/second.sqlite3"
        let broken: [Migration] = Schema.migrations + [{ _ in throw Interruption() }]
        #expect(throws: Interruption.self) {
            try SQLiteCatalog.migrate(path: path, journal: site.journal, by: broken)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        try SQLiteCatalog.migrate(path: path, journal: site.journal)
        _ = try SQLiteCatalog(path: path, journal: site.journal, role: .responder)
    }

    @Test("A migration that is killed leaves the old schema", arguments: Implementation.allCases)
    func interrupted(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let account = try site.open().accounts.registerAccount()
        let crashed = site.folder + "-crashed"
        let next: Migration = { db in
            // Enough data to spill from the cache into the files.
            try db.execute(
                """
                CREATE TABLE reservedSpace AS
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000)
                    SELECT i, randomblob(1000) AS bytes FROM n;
                UPDATE account SET password_hash = 'migrated';
                PRAGMA user_version = \(Schema.version + 1);
                """)
            // Copies what kill -9 would leave here. In another process, because opening and closing
            // the file in this one would release its locks.
            let copy = try ChildProcess(
                "cp", ["-r", site.folder, crashed],
                environment: ProcessInfo.processInfo.environment)
            #expect(copy.wait() == .exited(0))
            throw Interruption()
        }
        #expect(throws: Interruption.self) {
            try SQLiteCatalog.migrate(
                path: site.path, journal: site.journal, by: Schema.migrations + [next])
        }
        let path = crashed + "/catalog.sqlite3"
        let grown = try FileManager.default.contentsOfDirectory(atPath: crashed)
            .map { try URL(fileURLWithPath: "\(crashed)/\($0)").fileSize() }.max()
        #expect(try #require(grown) > 1_000_000, "the copy must be taken during the migration")
        for path in [site.path, path] {
            let catalog = try SQLiteCatalog(path: path, journal: site.journal, role: .responder)
            #expect(try catalog.accounts.passwordHash(of: account) == "hash")
            try catalog.quickCheck()
            try SQLiteCatalog.migrate(path: path, journal: site.journal)
        }
    }

    @Test(
        "A backup taken while others write is complete and can be set up as a catalog",
        arguments: Implementation.allCases)
    func backup(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let catalog = try site.open(.worker)
        let before = try (0..<20).map { _ in try catalog.accounts.registerAccount() }
        let copy = site.folder + "/backup.sqlite3"
        _ = try atOnce(3) { index in
            if index == 0 {
                try site.open(.worker).copy(to: copy)
            } else {
                let catalog = try site.open(.worker)
                for _ in 0..<20 { _ = try catalog.accounts.registerAccount() }
            }
        }
        #expect(throws: ConfigurationError.self) { try catalog.copy(to: copy) }
        try SQLiteCatalog.migrate(path: copy, journal: site.journal)
        let restored = try SQLiteCatalog(path: copy, journal: site.journal, role: .responder)
        for account in before { #expect(try restored.accounts.passwordHash(of: account) == "hash") }
        let names = try FileManager.default.contentsOfDirectory(atPath: site.folder)
        #expect(!names.contains("backup.sqlite3.new"))
    }
}

private struct Interruption: Error {}

extension URL {
    fileprivate func fileSize() throws -> Int {
        try resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    }
}
