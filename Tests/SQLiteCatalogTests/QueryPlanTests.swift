import CSQLite
import Foundation
import Model
import Support
import Testing

@testable import SQLiteCatalog

@Suite("Queries")
struct QueryPlanTests {
    let sites = TemporaryCatalogs()

    /// Every statement that a catalog runs during the life of an account, its images and its jobs.
    private func statements(of catalog: SQLiteCatalog) throws -> Set<String> {
        let trace = Trace()
        trace.begin(catalog.database)
        let session = try catalog.accounts.register(
            email: "ada@example.org", passwordHash: "hash", userAgent: nil, at: noon)
        let owner = session.account.id
        _ = try catalog.accounts.credentials(email: "ada@example.org")
        _ = try catalog.accounts.passwordHash(of: owner)
        _ = try catalog.accounts.openSession(for: owner, userAgent: nil, at: noon)
        _ = try catalog.accounts.rotate(session.id, generation: 0, grace: .zero, at: noon)
        try catalog.accounts.endSession(session.id, at: noon)
        _ = try catalog.accounts.changePassword(
            of: owner, from: "hash", to: "hash", userAgent: nil, at: noon)
        _ = try catalog.accounts.openSession(
            for: owner, verified: "hash", rehashed: "hash", userAgent: nil, at: noon)
        _ = try catalog.accounts.setPassword(of: owner, to: "hash", revokingKeys: false, at: noon)
        _ = try catalog.accounts.pruneSessions(rotatedBefore: noon)

        _ = try catalog.accounts.setQuota(of: owner, to: QuotaOverride(images: 10))
        _ = try catalog.images.image(digest: [], fit: .cover, of: owner)
        try catalog.images.admit(from: owner, within: .roomy())
        let id = try catalog.images.add(NewImage(of: owner, key: "k"))
        _ = try catalog.images.add(NewImage(of: owner, key: "k"), within: .roomy())
        let filter = ImageFilter(status: .pending, name: "x", before: id)
        _ = try catalog.images.list(of: owner, where: filter)
        _ = try catalog.images.list(of: owner, where: ImageFilter())
        _ = try catalog.images.count(of: owner, where: filter)
        _ = try catalog.images.count(of: owner, where: ImageFilter(status: .complete))
        _ = try catalog.images.change(id, of: owner, to: ImageChange(alt: "x"))
        _ = try catalog.images.published(among: [id])
        _ = try catalog.images.published(after: id, limit: 10)
        _ = try catalog.images.inventory(after: nil, limit: 10)
        _ = try catalog.images.newestUpload()
        _ = try catalog.images.existing([id])
        _ = try catalog.images.pruneIdempotencyKeys(usedBefore: noon)

        for step in 0..<4 {
            let claim = try #require(try catalog.queue.claim(by: "w"))
            try catalog.queue.renew(claim.lease)
            switch step {
            case 0: try catalog.queue.release(claim.lease)
            case 1: try catalog.queue.retryLater(claim.lease, because: .crash, at: noon)
            case 2:
                try catalog.queue.fail(claim.lease, because: .crash, at: noon)
                _ = try catalog.images.retry(
                    id, of: owner, within: .roomy(), requestID: "r2", at: noon)
            default: try catalog.queue.complete(claim.lease, with: .small, at: noon)
            }
        }
        try catalog.queue.releaseAll(of: "w")
        _ = try catalog.queue.holders()
        _ = try catalog.queue.state()
        _ = try catalog.queue.jobs([.dead], after: nil, limit: 10)
        _ = try catalog.queue.job(of: id)
        _ = try catalog.queue.repair(id)
        _ = try catalog.queue.rerender([id])
        _ = try catalog.queue.isDue(fromIdleAccountsExcept: [owner])
        _ = try catalog.queue.claim(by: "w", fromIdleAccountsExcept: [owner])
        if let claim = try catalog.queue.claim(by: "w") {
            try catalog.queue.delay(claim.lease, by: .zero, because: .crash)
        }
        try catalog.queue.delay([.jpeg], by: .seconds(1), because: .crash)
        _ = try catalog.queue.resume(RenderFailure.crash.code)
        _ = try catalog.queue.rerendered(before: noon, limit: 10)
        try catalog.queue.finishRerender(id, before: noon)
        _ = try catalog.queue.depth()
        _ = try catalog.queue.oldestWaiting()
        _ = try catalog.queue.prune(endedBefore: noon + .seconds(1))
        _ = try catalog.images.progress(of: [id], owner: owner)
        _ = try catalog.images.image(id, of: owner)
        _ = try catalog.images.beginDeletion(of: id, owner: owner, at: noon)
        _ = try catalog.images.unfinishedDeletions(after: nil, limit: 10)
        _ = try catalog.images.unfinishedDeletions(of: owner, after: nil, limit: 10)
        try catalog.images.finishDeletion(of: id)
        trace.end(catalog.database)
        return trace.statements
    }

    @Test("No query of the catalog scans a whole table or sorts")
    func noScans() throws {
        let catalog = try sites.new(.sqliteWAL, rules: JobRules(backoff: [])).open()
        let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE"]
        let statements = try statements(of: catalog).filter { sql in
            verbs.contains { sql.hasPrefix($0) }
        }
        #expect(statements.count > 45)
        for sql in statements {
            let steps = try catalog.database.all("EXPLAIN QUERY PLAN \(sql)") {
                try $0["detail"] as String
            }
            // Scanning a partial index is intended: it has only the requested rows.
            let scans = steps.filter { step in
                step.hasPrefix("SCAN ") && !step.contains(" USING ")
                    && !["SCAN CONSTANT ROW", "SCAN (subquery-1)"].contains(step)
            }
            let sorts = steps.filter { $0.contains("TEMP B-TREE") }
            #expect((scans + sorts).isEmpty, "\(sql)\n\(steps.joined(separator: "\n"))")
        }
    }

    @Test("Frequent queries take the same number of steps with few and with many images and jobs")
    func steps() throws {
        let few = try Filled(sites, images: 30)
        let many = try Filled(sites, images: 300)
        let questions: KeyValuePairs<String, (Filled) throws -> Any?> = [
            "list": { try $0.catalog.images.list(of: $0.owner, where: ImageFilter(limit: 5)) },
            "count": { try $0.catalog.images.count(of: $0.owner, where: ImageFilter()) },
            "list by status": {
                try $0.catalog.images.list(
                    of: $0.owner, where: ImageFilter(status: .failed, limit: 5))
            },
            "a later page": {
                try $0.catalog.images.list(
                    of: $0.owner, where: ImageFilter(before: $0.images[8], limit: 5))
            },
            "detail": { try $0.catalog.images.image($0.images[3], of: $0.owner) },
            "status": { try $0.catalog.images.progress(of: [$0.images[3]], owner: $0.owner) },
            "job": { try $0.catalog.queue.job(of: $0.images[3]) },
            "depth": { try $0.catalog.queue.depth() },
            "oldest": { try $0.catalog.queue.oldestWaiting() },
            "due": { try $0.catalog.queue.nextDue() },
            "holders": { try $0.catalog.queue.holders() },
            "newest": { try $0.catalog.images.newestUpload() },
            "result": { try $0.catalog.images.admit(from: $0.owner, within: .roomy()) },
            "upload": { try $0.catalog.images.add(NewImage(of: $0.owner, content: -1)) },
            "claim": { try $0.catalog.queue.claim(by: "w") },
        ]
        for (name, ask) in questions {
            let (here, there) = (try few.steps(ask), try many.steps(ask))
            #expect(there <= here * 3 / 2 + 50, "\(name): \(there) steps instead of \(here)")
        }
    }

    /// A catalog with the images of one account: a third complete, a third failed, a third waiting.
    private struct Filled {
        let catalog: SQLiteCatalog
        let owner: Identifier<Account>
        let images: [Identifier<Image>]

        init(_ sites: TemporaryCatalogs, images count: Int) throws {
            let catalog = try sites.new(.sqliteWAL).open()
            let owner = try catalog.accounts.registerAccount()
            images = try (0..<count).map {
                try catalog.images.add(
                    NewImage(of: owner, content: $0, at: noon + .milliseconds($0)))
            }
            for number in 0..<count * 2 / 3 {
                guard let claim = try catalog.queue.claim(by: "w") else { continue }
                if number % 2 == 0 {
                    try catalog.queue.complete(claim.lease, with: .small, at: noon)
                } else {
                    try catalog.queue.fail(claim.lease, because: .crash, at: noon)
                }
            }
            self.catalog = catalog
            self.owner = owner
        }

        /// The number of SQLite instructions that a call takes, counted in tens.
        func steps(_ ask: (Filled) throws -> Any?) throws -> Int {
            // What a connection does only once is not counted.
            _ = try catalog.queue.nextDue()
            let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)
            count.initialize(to: 0)
            defer { count.deallocate() }
            let handle = catalog.database.handle
            sqlite3_progress_handler(
                handle, 10,
                { count in
                    count?.assumingMemoryBound(to: Int.self).pointee += 10
                    return 0
                }, count)
            defer { sqlite3_progress_handler(handle, 0, nil, nil) }
            _ = try ask(self)
            return count.pointee
        }
    }

    @Test(
        "The counters that triggers keep match the rows after any sequence of operations",
        arguments: Fuzz.seeds(2))
    func fuzzCounters(seed: UInt64) throws {
        let catalog = try sites.new(
            .sqliteWAL, rules: JobRules(attempts: 2, lease: .zero, backoff: [])
        ).open()
        let owners = try (0..<3).map { _ in try catalog.accounts.registerAccount() }
        var random = SeededNumbers(seed)
        var leases: [Lease] = []
        for step in 0..<200 {
            let owner = owners[step % 3]
            switch Int.random(in: 0..<9, using: &random) {
            case 0...2:
                _ = try catalog.images.add(NewImage(of: owner, content: step), within: .roomy())
            case 3, 4:
                if let claim = try catalog.queue.claim(by: "w") { leases.append(claim.lease) }
            case 5:
                // Many of these leases are lost by now, which is intended.
                guard let lease = leases.randomElement(using: &random) else { continue }
                try? catalog.queue.complete(lease, with: .small, at: noon)
            case 6:
                guard let lease = leases.randomElement(using: &random) else { continue }
                _ = try? catalog.queue.retryLater(lease, because: .crash, at: noon)
            case 7:
                let complete = ImageFilter(status: .complete)
                _ = try catalog.queue.rerender(
                    try catalog.images.list(of: owner, where: complete).map(\.id))
            default:
                let image = try catalog.images.list(of: owner, where: ImageFilter())
                    .randomElement(using: &random)
                guard let image else { continue }
                _ = try catalog.images.retry(
                    image.id, of: owner, within: .roomy(), requestID: "r2", at: noon)
                guard step % 2 == 0 else { continue }
                _ = try catalog.images.beginDeletion(of: image.id, owner: owner, at: noon)
                if step % 4 == 0 { try catalog.images.finishDeletion(of: image.id) }
            }
        }
        let differences: Int? = try catalog.database.value(
            """
            SELECT (SELECT count(*) FROM account WHERE
                images <> (SELECT count(*) FROM image WHERE account = account.id)
                OR bytes <> (SELECT total(bytes) FROM image WHERE account = account.id)
                OR waiting <> (SELECT count(*) FROM job
                    WHERE account = account.id AND state = 'ready' AND rerender = 0)
                OR running <> (SELECT count(*) FROM job
                    WHERE account = account.id AND state = 'running' AND rerender = 0))
            + (SELECT count(*) FROM image JOIN job ON job.image = image.id
                WHERE rerender = 0 AND (image.attempts <> job.attempts
                OR (status, state) NOT IN (VALUES ('pending', 'ready'),
                    ('processing', 'running'), ('complete', 'done'), ('failed', 'failed'),
                    ('failed', 'dead'))) OR rerender = 1 AND status <> 'complete')
            """)
        #expect(differences == 0)
    }
}

/// The statements that a connection runs, with their bound values.
private final class Trace {
    private(set) var statements: Set<String> = []

    func begin(_ database: Database) {
        sqlite3_trace_v2(
            database.handle, UInt32(SQLITE_TRACE_STMT),
            { _, trace, statement, _ in
                guard let trace, let statement = OpaquePointer(statement),
                    let text = sqlite3_expanded_sql(statement)
                else { return 0 }
                defer { sqlite3_free(text) }
                Unmanaged<Trace>.fromOpaque(trace).takeUnretainedValue()
                    .statements.insert(String(cString: text))
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func end(_ database: Database) {
        sqlite3_trace_v2(database.handle, 0, nil, nil)
    }
}
