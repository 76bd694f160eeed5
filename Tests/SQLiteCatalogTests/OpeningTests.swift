import Foundation
import Model
import Settings
import Testing

@testable import SQLiteCatalog

@Suite("Opening a catalog")
struct OpeningTests {
    let sites = TemporaryCatalogs()

    @Test(
        "Every kind of connection syncs each commit and never checkpoints automatically",
        arguments: Implementation.allCases, CatalogRole.allCases)
    func settings(_ implementation: Implementation, _ role: CatalogRole) throws {
        let database = try sites.new(implementation).open(role).database
        #expect(try database.pragma("synchronous") == "2")
        #expect(try database.pragma("wal_autocheckpoint") == "0")
        #expect(try database.pragma("journal_mode") == implementation.journal.rawValue)
        #expect(try database.pragma("foreign_keys") == "1")
        #expect(try database.pragma("cache_size") == "-256")
        #expect(try database.pragma("mmap_size") == "0")
        #expect(try database.pragma("temp_store") == "2")
        let timeout = [CatalogRole.responder: "5000", .worker: "15000", .checkpointer: "1000"]
        #expect(try database.pragma("busy_timeout") == timeout[role])
    }

    @Test("The checkpointer's own connection has the same settings")
    func checkpointerSettings() throws {
        let database = try Checkpointer(path: sites.new(.sqliteWAL).path).database
        #expect(try database.pragma("synchronous") == "2")
        #expect(try database.pragma("wal_autocheckpoint") == "0")
        #expect(try database.pragma("busy_timeout") == "1000")
    }

    @Test("Closing the last connection does not checkpoint the log")
    func noCheckpointOnClose() throws {
        let site = try sites.new(.sqliteWAL)
        try {
            _ = try site.open().accounts.registerAccount()
        }()
        #expect(try Checkpointer(path: site.path).logBytes > 0)
        #expect(try site.accounts() == 1)
    }

    @Test(
        "A journal mode other than the setting's is refused, and the error names both",
        arguments: Implementation.allCases)
    func mismatch(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let other: JournalMode = implementation.journal == .wal ? .truncate : .wal
        let error = try #require(throws: ConfigurationError.self) {
            try SQLiteCatalog(path: site.path, journal: other, role: .responder)
        }
        #expect(
            error.description.contains(
                "is in \(implementation.journal) mode, but MULTIRES_JOURNAL is \(other)"))
        _ = try site.open()
    }

    @Test("Opening a missing catalog does not create it")
    func missing() throws {
        let site = try sites.new(.sqliteWAL)
        let path = site.folder + "/elsewhere.sqlite3"
        let error = try #require(throws: ConfigurationError.self) {
            try SQLiteCatalog(path: path, journal: .wal, role: .responder)
        }
        #expect(error.description.contains("no database"))
        let names = try FileManager.default.contentsOfDirectory(atPath: site.folder)
        #expect(!names.contains { $0.hasPrefix("elsewhere") })
    }

    /// What may be in a catalog's place, and a word of the error about it.
    enum Trouble: CaseIterable {
        case empty, noDatabase, newer, unfinished, foreign, firstPage

        var word: String {
            switch self {
            case .empty: "empty"
            case .noDatabase, .firstPage: "damaged"
            case .newer: "newer"
            case .unfinished: "not been set up"
            case .foreign: "another program"
            }
        }
    }

    @Test(
        "A file that is not a usable catalog is refused with the reason, and is not changed",
        arguments: Trouble.allCases)
    func trouble(_ trouble: Trouble) throws {
        let site = try sites.new(.sqliteTruncate)
        let file = URL(fileURLWithPath: site.path)
        switch trouble {
        case .empty: try Data().write(to: file)
        case .noDatabase: try Data(repeating: 65, count: 8192).write(to: file)
        case .newer: try site.execute("PRAGMA user_version = 99")
        case .unfinished:
            try FileManager.default.removeItem(at: file)
            try site.execute("PRAGMA user_version = 0; PRAGMA application_id = 0; VACUUM")
        case .foreign:
            try FileManager.default.removeItem(at: file)
            try site.execute("CREATE TABLE t (x)")
        case .firstPage:
            var bytes = try Data(contentsOf: file)
            bytes.replaceSubrange(100..<4096, with: Data(repeating: 0xFF, count: 3996))
            try bytes.write(to: file)
        }
        let before = try Data(contentsOf: file)
        let error = try #require(throws: ConfigurationError.self) { try site.open() }
        #expect(error.description.contains(trouble.word), "\(error)")
        #expect(try Data(contentsOf: file) == before)
        // Setup is allowed only where no data can be lost.
        if trouble != .unfinished {
            #expect(throws: ConfigurationError.self) {
                try SQLiteCatalog.migrate(path: site.path, journal: .truncate)
            }
            #expect(try Data(contentsOf: file) == before)
        }
    }

    @Test("The quick check finds a damaged page")
    func quickCheck() throws {
        let site = try sites.new(.sqliteTruncate)
        for _ in 0..<50 { _ = try site.open().accounts.registerAccount() }
        try site.open().quickCheck()
        let file = URL(fileURLWithPath: site.path)
        var bytes = try Data(contentsOf: file)
        // The root page of a table: page numbers count from 1.
        let root: Int? = try site.open().database.value(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'account'")
        let start = try (#require(root) - 1) * 4096
        bytes.replaceSubrange(start..<start + 4096, with: Data(repeating: 0xAB, count: 4096))
        try bytes.write(to: file)
        #expect(throws: ConfigurationError.self) { try site.open().quickCheck() }
    }
}

extension Database {
    fileprivate func pragma(_ name: String) throws -> String? { try value("PRAGMA \(name)") }
}

extension TemporaryCatalog {
    /// Runs SQL on a connection without the catalog's settings, as another program would.
    func execute(_ sql: String) throws {
        try Database(path: path, timeout: .zero).execute(sql)
    }

    func accounts() throws -> Int {
        try open().database.value("SELECT count(*) FROM account") ?? 0
    }
}

extension TemporaryCatalog {
    /// Begins a write transaction, then drops the connection.
    func dropMidTransaction(_ sql: String) throws {
        let database = try Database(path: path, timeout: .zero)
        try database.execute("BEGIN IMMEDIATE")
        try database.execute(sql)
    }
}
