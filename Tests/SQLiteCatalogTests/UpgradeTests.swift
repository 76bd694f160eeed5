import Foundation
import Model
import Settings
import Testing

@testable import SQLiteCatalog

@Suite struct UpgradeTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("multires-\(UUID().uuidString)").path
    private var path: String { folder + "/catalog.sqlite3" }

    init() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    @Test(
        "A catalog of schema 1 keeps all its data and supports all current features",
        arguments: [JournalMode.wal, .truncate])
    func fromOne(_ journal: JournalMode) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (account, session, image) = try makeSchemaOne()
        #expect(throws: ConfigurationError.self) {
            try SQLiteCatalog(path: path, journal: journal, role: .responder)
        }
        // A second migration changes nothing.
        for _ in 1...2 { try SQLiteCatalog.migrate(path: path, journal: journal) }

        let store = try SQLiteCatalog(path: path, journal: journal, role: .responder)
        try store.quickCheck()
        let known = try #require(try store.accounts.credentials(email: "ADA@x.org"))
        #expect(known.account.id == account)
        #expect(known.passwordHash == "hash")
        #expect(known.account.usage == Usage(images: 1, bytes: 100))
        #expect(try store.accounts.session(session)?.generation == 3)
        #expect(try store.images.image(image, of: account)?.status == .pending)
        #expect(try store.queue.depth() == (1, 0))
        #expect(try store.queue.oldestWaiting() == Timestamp(milliseconds: 1))

        #expect(try store.accounts.add(APIKey(of: account), digest: digest(1), limit: 1))
        #expect(try store.accounts.setQuota(of: account, to: QuotaOverride(images: 7)))
        #expect(try store.accounts.all().first?.quotaOverride == QuotaOverride(images: 7))
        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.complete(claim.lease, with: .small, at: noon)
        #expect(try store.queue.rerender([image]) == 1)
        #expect(try store.queue.claim(by: "w")?.isRerender == true)
        let attempt = LoginAttempt(account: 1, address: 1)
        let throttle = LoginThrottle(pair: 1, account: 1, address: 1)
        #expect(try store.accounts.admit(attempt, under: throttle, at: noon) == nil)
        #expect(try store.accounts.beginDeletion(of: account, verified: nil, at: noon))
        try store.images.finishDeletion(of: image)
        try store.accounts.finishDeletion(of: account)
        #expect(try store.accounts.all().isEmpty)
    }

    @Test("A backup of schema 1 can be read directly and is not changed")
    func oldCopy() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (account, _, image) = try makeSchemaOne()
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let copy = try SQLiteCatalog(copy: path)
        try copy.quickCheck()
        #expect(try copy.images.inventory(after: nil, limit: 10).map(\.image.id) == [image])
        #expect(throws: ConfigurationError.self) {
            try copy.accounts.beginDeletion(of: account, verified: nil, at: noon)
        }
        try copy.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["catalog.sqlite3"])
    }

    @Test("Variants that schema 5 had in a separate table are moved to their image, in order")
    func fromFive() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (account, _, complete) = try makeSchemaOne()
        let pending = Identifier<Image>(at: noon)
        let database = try Database(path: path, timeout: .zero)
        try database.migrate(by: Array(Schema.migrations[..<5]))
        try database.run(
            """
            INSERT INTO image (id, account, digest, bytes, original_name, alt, format, fit,
                visibility, uploaded_at)
            SELECT ?, account, randomblob(32), bytes, original_name, alt, format, fit,
                visibility, uploaded_at FROM image
            """, [pending.text])
        try database.run("UPDATE image SET status = 'complete' WHERE id = ?", [complete.text])
        try database.run(
            """
            INSERT INTO variant VALUES (:image, 1, 'small', 'def', 'webp', 480, 360, 4000),
                (:image, 0, 'thumbnail', 'abc', 'jpeg', 150, 150, 2000)
            """, ["image": complete.text])
        try database.close()
        let sizes = [
            Variant(
                name: "thumbnail", revision: "abc", format: .jpeg,
                pixels: PixelSize(width: 150, height: 150), bytes: 2000),
            Variant(
                name: "small", revision: "def", format: .webp,
                pixels: PixelSize(width: 480, height: 360), bytes: 4000),
        ]
        let copy = try SQLiteCatalog(copy: path)
        let kept = try copy.images.inventory(after: nil, limit: 10).map(\.image)
        #expect(kept.first { $0.id == complete }?.variants == sizes)
        #expect(kept.first { $0.id == pending }?.variants == [])
        try copy.close()

        try SQLiteCatalog.migrate(path: path, journal: .wal)
        let store = try SQLiteCatalog(path: path, journal: .wal, role: .responder)
        #expect(try store.images.image(complete, of: account)?.variants == sizes)
        #expect(try store.images.image(pending, of: account)?.variants == [])
        let progress = try store.images.progress(of: [complete, pending], owner: account)
        #expect(progress.map(\.variants) == [["thumbnail", "small"], []])
    }

    @Test("Of two accounts whose emails have the same canonical form, the older keeps the address")
    func collidingEmails() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = try Database(path: path, timeout: .zero)
        try database.migrate(by: Array(Schema.migrations[..<6]))
        let spellings = [
            ("1", "jos\u{E9}@x.org", 2), ("2", "jose\u{301}@x.org", 1),
            ("3", "a@b\u{FC}cher.org", 3), ("4", "a@xn--bcher-kva.org", 4), ("5", "b@x.org", 5),
        ]
        for (number, email, createdAt) in spellings {
            let id = "0198c4d2-7b1e-7c40-9d3a-5f2e8a61b7c" + number
            try database.run(
                "INSERT INTO account (id, email, password_hash, created_at) VALUES (?, ?, ?, ?)",
                [id, email, number, createdAt])
        }
        try database.close()
        try SQLiteCatalog.migrate(path: path, journal: .wal)
        let store = try SQLiteCatalog(path: path, journal: .wal, role: .responder)
        #expect(try store.accounts.all().count == 5)
        // Each account is found by its own spelling, in any case of ASCII letters.
        for (number, email, _) in spellings {
            #expect(
                try store.accounts.credentials(email: email)?.passwordHash == number, "\(email)")
            #expect(try store.accounts.credentials(email: email.uppercased())?.passwordHash != nil)
            #expect(throws: CatalogError.emailTaken) {
                try store.accounts.register(
                    email: email, passwordHash: "6", userAgent: nil, at: noon)
            }
        }
        // Another spelling finds the older account.
        #expect(try store.accounts.credentials(email: "JOS\u{C9}@X.org")?.passwordHash == "2")
        #expect(try store.accounts.credentials(email: "a@bu\u{308}cher.org")?.passwordHash == "3")
        // When that account is deleted, the address is free, except for the newer account's spelling.
        let older = try #require(try store.accounts.credentials(email: "jose\u{301}@x.org")).account
            .id
        #expect(try store.accounts.beginDeletion(of: older, verified: nil, at: noon))
        let next = try store.accounts.register(
            email: "jose\u{301}@x.org", passwordHash: "7", userAgent: nil, at: noon)
        #expect(try store.accounts.credentials(email: "jos\u{E9}@x.org")?.passwordHash == "1")
        #expect(try store.accounts.credentials(email: next.account.email)?.passwordHash == "7")
    }

    /// A catalog as version 1 made it, with a row of each kind.
    private func makeSchemaOne() throws -> (
        Identifier<Account>, Identifier<Session>, Identifier<Image>
    ) {
        let account = Identifier<Account>(at: noon)
        let session = Identifier<Session>(at: noon)
        let image = Identifier<Image>(at: noon)
        let database = try Database(path: path, timeout: .zero)
        try database.migrate(by: Array(Schema.migrations[..<1]))
        // In which version 1 recorded its migrations.
        try database.execute("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        #expect(try database.value("PRAGMA user_version") == 1)
        try database.run(
            """
            INSERT INTO account (id, email, password_hash, created_at, images, bytes)
            VALUES (?, 'ada@x.org', 'hash', 1, 1, 100)
            """, [account.text])
        try database.run(
            """
            INSERT INTO session (id, account, generation, created_at, rotated_at)
            VALUES (?, ?, 3, 1, 2)
            """, [session.text, account.text])
        try database.run(
            """
            INSERT INTO image (id, account, digest, bytes, original_name, alt, format, fit,
                visibility, uploaded_at)
            VALUES (?, ?, zeroblob(32), 100, 'a.jpg', '', 'jpeg', 'cover', 'private', 1)
            """, [image.text, account.text])
        try database.run(
            "INSERT INTO job (id, image, account) VALUES (?, ?, ?)",
            [Identifier<Job>(at: noon).text, image.text, account.text])
        try database.close()
        return (account, session, image)
    }
}
