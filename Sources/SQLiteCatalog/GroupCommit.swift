import Dispatch
import Foundation
import Model
import Processes
import Synchronization

/// Group commit: the writing transactions of several threads become one transaction, with one commit.
///
/// ## Why
///
/// The service may answer that a change is stored only after it is on disk. So every commit syncs the file
/// (fsync(2); `PRAGMA synchronous = FULL`) and waits for the disk: from a fraction of a millisecond to more
/// than ten, depending on the disk, however few bytes were written. SQLite has one writer at a time. If each
/// of 32 threads committed alone, the last one would wait for 32 commits. If they commit together, all wait
/// for one. The more threads write at the same time, the less a commit costs each of them.
///
/// It also relieves `WriteGate`, where the writers of all processes wait: before, when 32 clients uploaded
/// 30 KB at a time, each thread tried the gate a hundred times for one commit.
///
/// ## States
///
/// A process has one group for each catalog path. It has no thread of its own. Its state is `line`: the
/// callers that wait, in the order in which they came, and whether one of them leads.
///
///     state       callers in line     the leader
///     idle        none                there is none
///     collecting  leader, others      waits for the gate
///     committing  only later callers  has the gate, and runs the transaction of the group
///
///     idle -> collecting        A caller comes, and becomes the leader.
///     collecting -> committing  The leader passes the gate. All that are in line by then, the leader
///                               included, are the group, and leave the line.
///     committing -> idle        The group is finished, and no other caller has come.
///     committing -> collecting  The group is finished, and the first of the later callers leads.
///     collecting -> idle or collecting
///                               The leader could not pass the gate in its time. Only the leader fails; the
///                               next in line leads, if there is one.
///
/// There is no failed state: a failure ends a group or one caller's wait, and the next leader begins as
/// usual.
///
/// A leader that finds the gate free commits at once and does not wait for others: groups form only while
/// another group or another process has the gate. The gate is released before the next leader tries it, so
/// other processes get their turn.
///
/// ## What each caller waits for, and on which thread
///
/// The leader's thread does all the work of a group: it waits for the gate, runs the statements of each
/// member in the order in which they came, on the leader's connection, commits, and stores each member's
/// result. The threads of the other callers sleep meanwhile, each at its semaphore `turn`. A caller wakes
/// when its group is finished, when it becomes the leader, or when its timeout has expired. In the last
/// case it leaves the line and throws `CatalogError.busy`; its statements have not run.
///
/// The timeout limits the time in line and at the gate. A caller that is already in a group waits until the
/// group is finished, so it never returns before the commit that contains its changes, or the failure of
/// that commit.
///
/// ## Failures
///
/// - The statements of one member throw. They run in a savepoint, which is rolled back: that caller gets its
///   error, and the changes of the others are committed.
/// - SQLite rolls back the whole transaction, which it does after some errors such as a full disk; or the
///   transaction cannot begin; or the commit fails with another error than an I/O error. Then nothing of the
///   group is stored. The leader runs each member again, in a transaction of its own, so that each caller
///   gets its own result. So the statements of a caller may run twice, but are stored at most once.
/// - The commit fails with an I/O error. Its outcome is unknown: it may be in the log, and become valid when
///   the database is next opened after a crash. Nothing is tried again, because the changes could then be
///   stored twice. Callers whose statements had succeeded throw `CatalogError.unknownOutcome`; the others
///   keep their own error.
/// - A sync has failed in this process (`FailedSync`), which is about to exit. Groups that commit after it
///   run no statements, and their callers throw `CatalogError.busy`.
final class GroupCommit: Sendable {
    /// One for each catalog path.
    private static let all = Mutex<[String: GroupCommit]>([:])

    static func of(catalog path: String) -> GroupCommit {
        all.withLock { all in
            let group = all[path] ?? GroupCommit()
            all[path] = group
            return group
        }
    }

    private let line = Mutex<(waiting: [Member], isLed: Bool)>(([], false))

    /// Number of callers in line. For tests.
    var waiting: Int { line.withLock { $0.waiting.count } }

    /// Runs `body` in a transaction, and returns its result after the commit. `body` may run on another
    /// thread, on that thread's connection to the same catalog, and a second time after its first run was
    /// rolled back. Throws `CatalogError.busy`, without having called `body`, when `timeout` has expired.
    ///
    /// - Parameters:
    ///   - database: the calling thread's connection.
    ///   - timeout: the longest time in line and at the gate.
    func run<Result>(
        on database: Database, through gate: WriteGate, within timeout: Duration,
        _ body: @escaping (Database) throws -> Result
    ) throws -> Result {
        var result: Swift.Result<Result, any Error>?
        let member = Member(
            work: { db in
                result = Swift.Result { try body(db) }
                _ = try result?.get()
            }, fail: { result = .failure($0) })
        let end = ContinuousClock.now + timeout
        if isToLead(member, within: timeout) {
            // The rest of its timeout: it may have waited in line before.
            lead(member, on: database, through: gate, within: end - .now)
        }
        // Not nil: a member has a result, from `work` or `fail`, when its group or its timeout has ended.
        return try result!.get()
    }

    /// Joins the line. True when the caller has to lead; false when it has its result, because its group is
    /// finished or its timeout has expired.
    private func isToLead(_ member: Member, within timeout: Duration) -> Bool {
        let isFirst = line.withLock { line in
            line.waiting.append(member)
            defer { line.isLed = true }
            return !line.isLed
        }
        if isFirst { return true }
        if member.turn.wait(timeout: .now() + timeout / .seconds(1)) == .timedOut {
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
            // A leader has just taken it into its group, or made it the next leader.
            member.turn.wait()
        }
        return line.withLock { _ in member.leads }
    }

    /// Waits for the gate, commits the group, and makes the next caller in line the leader.
    private func lead(
        _ leader: Member, on database: Database, through gate: WriteGate,
        within timeout: Duration
    ) {
        var group = [leader]
        do {
            try gate.pass(within: timeout) {
                group = line.withLock { line in
                    defer { line.waiting = [] }
                    return line.waiting
                }
                Self.commit(group, on: database)
            }
        } catch {
            // The gate was not passed. The others stay in line, each for its own timeout.
            leader.fail(error)
        }
        line.withLock { line in
            line.waiting.removeAll { $0 === leader }
            line.isLed = !line.waiting.isEmpty
            line.waiting.first?.leads = true
            line.waiting.first?.turn.signal()
        }
        for member in group {
            // Before its thread continues: `work` captures the caller's `body`, which ends with the call.
            member.work = { _ in }
            if member !== leader { member.turn.signal() }
        }
    }

    /// Runs and commits all members in one transaction; if that fails as a whole, with a known outcome, each
    /// member in a transaction of its own. "Failures" above has the reasons.
    private static func commit(_ group: [Member], on database: Database) {
        if group.count > 1, !FailedSync.hasHappened {
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
            // The commit of the member before may have been the one whose sync failed.
            guard !FailedSync.hasHappened else {
                member.fail(CatalogError.busy)
                continue
            }
            do { try database.writing(member.work) } catch { member.fail(error) }
        }
    }

    /// A caller in line or in a group.
    private final class Member: @unchecked Sendable {
        // Unchecked, because its thread sleeps and touches nothing while another thread works for it; the
        // semaphore and the lock of `line` order their accesses.
        var work: (Database) throws -> Void
        /// Replaces the caller's result by an error.
        let fail: (any Error) -> Void
        let turn = DispatchSemaphore(value: 0)
        /// Guarded by the lock of `line`.
        var leads = false
        /// Its own statements failed, and were rolled back.
        var isRefused = false

        init(work: @escaping (Database) throws -> Void, fail: @escaping (any Error) -> Void) {
            self.work = work
            self.fail = fail
        }

        /// If the work throws, rolls back its changes and keeps the error as the caller's result. Throws only
        /// when SQLite has rolled back the whole transaction.
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
