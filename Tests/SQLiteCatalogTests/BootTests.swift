import Model
import Testing

@testable import SQLiteCatalog

@Suite("Leases and time")
struct BootTests {
    let sites = TemporaryCatalogs()

    @Test("A lease is valid until its last millisecond and no longer")
    func expiry() throws {
        let catalog = try sites.new(.sqliteWAL, rules: JobRules(lease: .seconds(60))).open()
        var now: Int64 = 1_000_000
        catalog.clock = { now }
        try catalog.images.add(NewImage(of: catalog.accounts.registerAccount()))
        let claim = try #require(try catalog.queue.claim(by: "w"))
        now += 59_999
        #expect(try catalog.queue.nextDue() == .milliseconds(1))
        #expect(try catalog.queue.claim(by: "v") == nil)
        try catalog.queue.renew(claim.lease)
        now += 59_999
        #expect(try catalog.queue.claim(by: "v") == nil)
        now += 1
        #expect(try catalog.queue.claim(by: "v")?.attempt == 2)
    }

    @Test("A reboot voids leases and ends back-offs, regardless of the clock")
    func reboot() throws {
        let site = try sites.new(.sqliteWAL)
        let before = try site.open()
        let owner = try before.accounts.registerAccount()
        before.boot = "first"
        before.clock = { 1_000_000_000 }
        let ids = try (0..<2).map {
            try before.images.add(NewImage(of: owner, content: $0, at: noon + .milliseconds($0)))
        }
        let held = try #require(try before.queue.claim(by: "w"))
        let failed = try #require(try before.queue.claim(by: "w"))
        try before.queue.retryLater(failed.lease, because: .crash, at: noon)
        #expect(try before.queue.claim(by: "w") == nil)

        let after = try site.open()
        after.boot = "second"
        after.clock = { 5 }
        let claimed = try ids.map { _ in try after.queue.claim(by: "w")?.image.id }
        #expect(claimed == ids)
        #expect(try after.images.image(ids[0], of: owner)?.attempts == 2)
        #expect(throws: CatalogError.leaseLost) {
            try before.queue.complete(held.lease, with: .small, at: noon)
        }
    }

    @Test("An idle worker writes nothing")
    func idle() throws {
        let site = try sites.new(.sqliteWAL)
        let catalog = try site.open(.worker)
        let owner = try catalog.accounts.registerAccount()
        try catalog.images.add(NewImage(of: owner))
        _ = try catalog.queue.claim(by: "w")
        let checkpointer = try Checkpointer(path: site.path)
        try checkpointer.checkpoint(whenOver: 0)
        for _ in 0..<10 { #expect(try catalog.queue.claim(by: "w") == nil) }
        #expect(checkpointer.logBytes == 0)
    }

    @Test(
        "A worker that crashes during a claim has claimed nothing",
        arguments: Implementation.allCases)
    func crashInside(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let catalog = try site.open()
        let owner = try catalog.accounts.registerAccount()
        let id = try catalog.images.add(NewImage(of: owner))
        try site.dropMidTransaction(
            """
            UPDATE job SET state = 'running', attempts = 1, lease_token = 't', lease_until = 1
            """)
        #expect(try catalog.images.image(id, of: owner)?.status == .pending)
        #expect(try catalog.queue.claim(by: "w")?.attempt == 1)
    }

    @Test("The back-off grows, varies by a quarter, and stays at its last step")
    func delays() {
        let rules = JobRules()
        for (attempt, seconds) in [(1, 5.0), (2, 30), (3, 300), (9, 300)] {
            let delays = (0..<200).map { _ in Double(rules.delay(after: attempt)) / 1000 }
            #expect(delays.allSatisfy { (0.75 * seconds...1.25 * seconds).contains($0) })
            #expect(Set(delays).count > 10)
        }
    }
}
