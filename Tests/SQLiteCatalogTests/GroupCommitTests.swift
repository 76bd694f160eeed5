import Foundation
import Model
import Support
import Testing

@testable import SQLiteCatalog

@Suite("Group commit")
struct GroupCommitTests {
    let sites = TemporaryCatalogs()

    @Test("All waiting writers share one commit, and each has its own result")
    func together() throws {
        let site = try sites.new(.sqliteWAL)
        let owner = try site.open().accounts.registerAccount()
        let line = try Line(site)
        let results = Collected<String>()
        let threads = (0..<12).map { number in
            line.follow {
                let catalog = try site.open(.worker)
                switch number % 3 {
                // The same image: the first one is added, the others get it as a duplicate.
                case 0:
                    let result = try catalog.images.add(
                        NewImage(of: owner, content: 0), within: .roomy())
                    switch result {
                    case .added: results.add("added")
                    case .duplicate: results.add("known")
                    }
                case 1:
                    _ = try catalog.images.add(
                        NewImage(of: owner, content: number), within: .roomy())
                    results.add("other")
                default:
                    do {
                        _ = try catalog.images.add(
                            NewImage(of: owner, content: number), within: .roomy(images: 0))
                    } catch CatalogError.quotaExceeded { results.add("refused") }
                }
            }
        }
        let before = try site.commits()
        line.release(waiting: threads.count)
        for thread in threads { thread.wait() }
        #expect(try site.commits() == before + 1)
        let counts = Dictionary(grouping: results.values) { $0 }.mapValues(\.count)
        #expect(counts == ["added": 1, "known": 3, "other": 4, "refused": 4])
        let catalog = try site.open()
        #expect(try catalog.accounts.usage(of: owner).images == 5)
        #expect(try catalog.queue.depth().ready == 5)
    }

    @Test("An error that ends the whole transaction fails only its writer; the others are kept")
    func fault() throws {
        let site = try sites.new(.sqliteWAL)
        let line = try Line(site)
        let results = Collected<Bool>()
        let threads = (0..<6).map { number in
            line.follow {
                let catalog = try site.open(.worker)
                do {
                    try catalog.write { db in
                        try db.run(
                            "INSERT INTO account (id, email, password_hash, created_at) "
                                + "VALUES (?, ?, '', 0)", ["\(number)", "\(number)"])
                        // As SQLite does when the disk is full.
                        if number == 3 {
                            try db.execute("ROLLBACK")
                            throw CatalogError.noSpace
                        }
                    }
                    results.add(true)
                } catch CatalogError.noSpace { results.add(false) }
            }
        }
        line.release(waiting: threads.count)
        for thread in threads { thread.wait() }
        #expect(results.values.filter { $0 }.count == 5)
        #expect(results.values.count == 6)
        #expect(try site.accounts() == 5)
    }

    @Test("When a group commit fails, no writer reports success, and nothing is tried again")
    func failedCommit() throws {
        let site = try sites.new(.sqliteWAL)
        let line = try Line(site)
        let results = Collected<String>()
        let commits = Collected<Bool>()
        let threads = (0..<6).map { number in
            line.follow {
                let catalog = try site.open(.worker)
                // Any of them may be the leader.
                catalog.database.willCommit = {
                    commits.add(true)
                    // An error after which this process may still write, as other tests need.
                    throw SQLiteError(code: SQLiteError.sharedMemoryFull)
                }
                do {
                    try catalog.write { db in
                        if number == 3 { throw CatalogError.quotaExceeded }
                        try db.run(
                            "INSERT INTO account (id, email, password_hash, created_at) "
                                + "VALUES (?, ?, '', 0)", ["\(number)", "\(number)"])
                    }
                    results.add("stored")
                } catch { results.add("\(error as? CatalogError ?? .leaseLost)") }
            }
        }
        line.release(waiting: threads.count)
        for thread in threads { thread.wait() }
        #expect(commits.values.count == 1)
        let counts = Dictionary(grouping: results.values) { $0 }.mapValues(\.count)
        #expect(
            counts == ["\(CatalogError.unknownOutcome)": 5, "\(CatalogError.quotaExceeded)": 1])
        #expect(try site.accounts() == 0)
    }

    @Test("A writer whose time runs out fails as busy, and the others keep waiting")
    func impatience() throws {
        let site = try sites.new(.sqliteWAL)
        let line = try Line(site)
        let outcomes = Collected<String>()
        let impatient = line.follow {
            do {
                // The role with the shortest timeout, so that the test is short.
                _ = try site.open(.checkpointer).accounts.registerAccount()
            } catch CatalogError.busy { outcomes.add("busy") }
        }
        let patient = line.follow {
            _ = try site.open(.worker).accounts.registerAccount()
            outcomes.add("done")
        }
        impatient.wait()
        #expect(outcomes.values == ["busy"])
        line.release(waiting: 1)
        patient.wait()
        #expect(outcomes.values == ["busy", "done"])
        #expect(try site.accounts() == 1)
    }

    @Test("A writer of another process gets its turn although this process always has writers")
    func beside() throws {
        let site = try sites.new(.sqliteWAL)
        let end = Collected<Bool>()
        let counts = try atOnce(9) { index in
            if index == 0 {
                defer { end.add(true) }
                // As another process has it: its own group, the same gate.
                let gate = try WriteGate(catalog: site.path)
                for _ in 0..<100 { try gate.pass(within: .seconds(60)) {} }
                return 0
            }
            let catalog = try site.open(.worker)
            var done = 0
            while end.values.isEmpty {
                _ = try catalog.accounts.registerAccount()
                done += 1
            }
            return done
        }
        #expect(try site.accounts() == counts.reduce(0, +))
    }
}

/// Holds the gate until all writers are waiting.
private final class Line {
    private let site: TemporaryCatalog
    private let held = DispatchSemaphore(value: 0)
    private let released = DispatchSemaphore(value: 0)
    private let holder: Follower

    init(_ site: TemporaryCatalog) throws {
        self.site = site
        let gate = try WriteGate(catalog: site.path)
        let (held, released) = (held, released)
        holder = Follower {
            try gate.pass(within: .seconds(60)) {
                held.signal()
                released.wait()
            }
        }
        held.wait()
    }

    func follow(_ body: @escaping @Sendable () throws -> Void) -> Follower {
        Follower(body)
    }

    /// Opens the gate when `count` writers are waiting.
    func release(waiting count: Int) {
        let group = GroupCommit.of(catalog: site.path)
        #expect(eventually { group.waiting == count })
        released.signal()
        holder.wait()
    }
}

extension TemporaryCatalog {
    /// Commits in the log: a frame with a database size ends one (sqlite.org/fileformat2.html, section 4.1).
    fileprivate func commits() throws -> Int {
        let log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
        return stride(from: 32, to: log.count, by: 24 + 4096).count { frame in
            log[(frame + 4)..<(frame + 8)].contains { $0 != 0 }
        }
    }
}

/// A thread that can be waited for. An error that it throws fails the test.
private final class Follower: Sendable {
    private let ended = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () throws -> Void) {
        Thread { [ended] in
            #expect(throws: Never.self) { try body() }
            ended.signal()
        }.start()
    }

    func wait() {
        ended.wait()
        ended.signal()
    }
}
