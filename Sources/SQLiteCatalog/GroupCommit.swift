import Dispatch
import Foundation
import Model
import Processes
import Synchronization

/// Writing transactions of this process that wait at the same time become one: one pass of the gate
/// and one sync of the log for all of them. Each is a savepoint, so that one that throws leaves
/// nothing and the others stay. Nobody returns before the commit that covers them did.
///
/// Whoever comes while nobody is at it leads: it does its own work and that of all who wait by then,
/// on its own connection, and hands the lead on to the first who came meanwhile. Thirty-two clients
/// that upload 30 KB had each thread try the gate a hundred times for one commit.
final class GroupCommit: Sendable {
    /// One for each catalog that this process has open.
    private static let all = Mutex<[String: GroupCommit]>([:])

    static func of(catalog path: String) -> GroupCommit {
        all.withLock { all in
            let group = all[path] ?? GroupCommit()
            all[path] = group
            return group
        }
    }

    private let line = Mutex<(waiting: [Member], isLed: Bool)>(([], false))

    /// How many wait now.
    var waiting: Int { line.withLock { $0.waiting.count } }

    /// Runs `body` in a transaction of `database`, which is the calling thread's, or of another thread's
    /// connection to the same catalog. Throws `CatalogError.busy`, without having called `body`, when
    /// `patience` is over.
    func run<Result>(
        on database: Database, through gate: WriteGate, within patience: Duration,
        _ body: @escaping (Database) throws -> Result
    ) throws -> Result {
        var result: Swift.Result<Result, any Error>?
        let member = Member(
            work: { db in
                result = Swift.Result { try body(db) }
                _ = try result?.get()
            }, fail: { result = .failure($0) })
        let end = ContinuousClock.now + patience
        if isToLead(member, within: patience) {
            // What is left: who waited to lead has had some of it.
            lead(member, on: database, through: gate, within: end - .now)
        }
        // Because whoever led has either done it or said why not.
        return try result!.get()
    }

    /// True when it is to lead; false when it is done, or has waited in vain.
    private func isToLead(_ member: Member, within patience: Duration) -> Bool {
        let isFirst = line.withLock { line in
            line.waiting.append(member)
            defer { line.isLed = true }
            return !line.isLed
        }
        if isFirst { return true }
        if member.turn.wait(timeout: .now() + patience / .seconds(1)) == .timedOut {
            let isGone = line.withLock { line in
                guard !member.leads, let place = line.waiting.firstIndex(where: { $0 === member })
                else { return false }
                line.waiting.remove(at: place)
                return true
            }
            if isGone {
                member.fail(CatalogError.busy)
                return false
            }
            // Taken along, or given the lead, in this moment.
            member.turn.wait()
        }
        return line.withLock { _ in member.leads }
    }

    private func lead(
        _ leader: Member, on database: Database, through gate: WriteGate,
        within patience: Duration
    ) {
        var group = [leader]
        do {
            try gate.pass(within: patience) {
                group = line.withLock { line in
                    defer { line.waiting = [] }
                    return line.waiting
                }
                Self.commit(group, on: database)
            }
        } catch {
            // The gate stayed shut: the others wait for as long as they said.
            leader.fail(error)
        }
        line.withLock { line in
            line.waiting.removeAll { $0 === leader }
            line.isLed = !line.waiting.isEmpty
            line.waiting.first?.leads = true
            line.waiting.first?.turn.signal()
        }
        for member in group {
            // Before its thread goes on: what the work captured ends with the call.
            member.work = { _ in }
            if member !== leader { member.turn.signal() }
        }
    }

    /// In one transaction. When that fails as a whole, each is tried by itself, so that everyone is
    /// told of their own fault, and of no other; but not when the commit's outcome is unknown, since
    /// then a second try is a second promise of the first's. After a failed sync nobody here writes
    /// any more: this process is about to end.
    private static func commit(_ group: [Member], on database: Database) {
        guard !FailedSync.hasHappened else {
            for member in group { member.fail(CatalogError.busy) }
            return
        }
        if group.count > 1 {
            do {
                return try database.writing { db in
                    for member in group { try member.work(inSavepointOf: db) }
                }
            } catch CatalogError.unknownOutcome {
                for member in group where !member.isRefused {
                    member.fail(CatalogError.unknownOutcome)
                }
                return
            } catch {}
        }
        for member in group {
            do { try database.writing(member.work) } catch { member.fail(error) }
        }
    }

    /// One who waits.
    private final class Member: @unchecked Sendable {
        // Unchecked because its thread waits, and touches nothing, while another works for it; the
        // semaphore and the line's lock are between the two.
        var work: (Database) throws -> Void
        /// What the caller is told instead of the work's outcome.
        let fail: (any Error) -> Void
        let turn = DispatchSemaphore(value: 0)
        var leads = false
        /// Its own work threw, and was rolled back.
        var isRefused = false

        init(work: @escaping (Database) throws -> Void, fail: @escaping (any Error) -> Void) {
            self.work = work
            self.fail = fail
        }

        /// Its own error is rolled back and kept; one that took the transaction along is thrown.
        func work(inSavepointOf db: Database) throws {
            do {
                try db.savepoint { try work(db) }
            } catch {
                guard db.isInTransaction else { throw error }
                isRefused = true
            }
        }
    }
}
