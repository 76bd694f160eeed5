import Foundation
import Model
import Support
import Testing

@testable import SQLiteCatalog

@Suite("Commits and checkpoints")
struct WriteGateTests {
    let sites = TemporaryCatalogs()

    @Test("Eight writers and a checkpointer lose no data, and no writer times out")
    func stress() throws {
        let site = try sites.new(.sqliteWAL)
        let end = ContinuousClock.now + .seconds(2)
        let acknowledged = try atOnce(9) { index in
            var done = 0
            if index == 0 {
                let checkpointer = try Checkpointer(path: site.path)
                // It times out after a second if a writer is not done, and tries again.
                while ContinuousClock.now < end || done == 0 {
                    if (try? checkpointer.checkpoint(whenOver: 0)) == true { done += 1 }
                }
                return 0
            }
            let catalog = try site.open(.worker)
            // A writer that timed out would throw.
            while ContinuousClock.now < end {
                _ = try catalog.accounts.registerAccount()
                done += 1
            }
            return done
        }
        #expect(try site.accounts() == acknowledged.reduce(0, +))
        try site.open().quickCheck()

        let checkpointer = try Checkpointer(path: site.path)
        _ = try site.open().accounts.registerAccount()
        #expect(checkpointer.logBytes > 0)
        #expect(try checkpointer.checkpoint(whenOver: 0))
        #expect(checkpointer.logBytes == 0)
    }

    @Test("A small or empty log is not checkpointed")
    func smallLog() throws {
        let site = try sites.new(.sqliteWAL)
        let checkpointer = try Checkpointer(path: site.path)
        _ = try site.open().accounts.registerAccount()
        let size = checkpointer.logBytes
        #expect(size > 0)
        #expect(try !checkpointer.checkpoint(whenOver: 4_000_000))
        #expect(try !checkpointer.checkpoint(whenOver: size))
        #expect(checkpointer.logBytes == size)
        #expect(try checkpointer.checkpoint(whenOver: size - 1))
        #expect(try !checkpointer.checkpoint(whenOver: 0))
    }

    @Test("A reader that does not end makes the checkpoint fail, not silently half succeed")
    func stuckReader() throws {
        let site = try sites.new(.sqliteWAL)
        let writer = try site.open()
        let checkpointer = try Checkpointer(path: site.path)
        let reader = try site.open()
        try reader.snapshot { db in
            _ = try db.value("SELECT count(*) FROM account") as Int?
            _ = try writer.accounts.registerAccount()
            #expect(throws: CatalogError.busy) { try checkpointer.checkpoint(whenOver: 0) }
            #expect(checkpointer.logBytes > 0)
        }
        _ = try writer.accounts.registerAccount()
        #expect(try checkpointer.checkpoint(whenOver: 0))
        #expect(try site.accounts() == 2)
    }

    @Test("One caller passes the gate at a time, and one that times out has not run its body")
    func exclusion() throws {
        let site = try sites.new(.sqliteWAL)
        let inside = try WriteGate(catalog: site.path)
        let outside = try WriteGate(catalog: site.path)
        try inside.pass(within: .zero) {
            let begun = ContinuousClock.now
            #expect(throws: CatalogError.busy) {
                try outside.pass(within: .milliseconds(50)) { Issue.record("two callers passed") }
            }
            #expect(begun.duration(to: .now) >= .milliseconds(50))
        }
        // Leaving the gate by an error opens it as well.
        #expect(throws: CatalogError.leaseLost) {
            try inside.pass(within: .zero) { throw CatalogError.leaseLost }
        }
        try outside.pass(within: .zero) {}
    }

    @Test("A checkpoint waits for the active writer and never runs beside it")
    func checkpointBesideWriter() throws {
        let site = try sites.new(.sqliteWAL)
        let checkpointer = try Checkpointer(path: site.path)
        let writer = try site.open()
        _ = try writer.accounts.registerAccount()
        try writer.write { db in
            try db.run("UPDATE account SET images = 0", [])
            #expect(throws: CatalogError.busy) { try checkpointer.checkpoint(whenOver: 0) }
        }
        #expect(try checkpointer.checkpoint(whenOver: 0))
    }

    @Test(
        "A writer that times out fails as busy and has changed nothing",
        arguments: Implementation.allCases)
    func busy(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        // The role with the shortest timeout, so that the test is short.
        let waiting = try site.open(.checkpointer)
        try site.open().write { _ in
            #expect(throws: CatalogError.busy) { try waiting.accounts.registerAccount() }
        }
        // Another program, which does not use the gate.
        try Database(path: site.path, timeout: .zero).transaction(.immediate) { _ in
            #expect(throws: CatalogError.busy) { try waiting.accounts.registerAccount() }
        }
        #expect(try site.accounts() == 0)
        _ = try waiting.accounts.registerAccount()
    }

    @Test("A full disk has its own error, and changes nothing", arguments: Implementation.allCases)
    func noSpace(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let catalog = try site.open()
        let owner = try catalog.accounts.registerAccount()
        let pages: Int? = try catalog.database.value("PRAGMA page_count")
        try catalog.database.execute("PRAGMA max_page_count = \(#require(pages))")
        #expect(throws: CatalogError.noSpace) {
            for content in 0..<1000 {
                try catalog.images.add(NewImage(of: owner, content: content))
            }
        }
        let images: Int? = try catalog.database.value("SELECT count(*) FROM image")
        #expect(try catalog.queue.depth().ready == images)
        #expect(try catalog.accounts.usage(of: owner).images == images)
    }

    @Test("No error shows the values that were to be stored")
    func privateErrors() throws {
        let catalog = try sites.new(.sqliteWAL).open()
        let owner = try catalog.accounts.registerAccount()
        var new = NewImage(of: owner, name: "hidden.jpg")
        new = NewImage(image: new.image, digest: [1], idempotencyKey: "secret")
        let error = try #require(throws: SQLiteError.self) { try catalog.images.add(new) }
        #expect(error.message.contains("CHECK"))
        for text in ["\(error)", error.localizedDescription, String(reflecting: error)] {
            #expect(!text.contains("hidden") && !text.contains("secret"))
        }
    }
}
