import Foundation
import Model

extension SQLiteQueue: JobQueue {
    public func claim(
        by worker: String, fromIdleAccountsExcept excluded: Set<Identifier<Account>>?
    ) throws -> Claim? {
        // An idle worker only reads, because its threads ask every second.
        guard try nextDue() == .zero else { return nil }
        // INDEXED BY, because the planner would choose job_due and sort all due re-renders by id, while the
        // first due entry of job_rerender is the result.
        let rerender = """
            SELECT id FROM job INDEXED BY job_rerender
            WHERE state = 'ready' AND rerender = 1 AND not_before <= :now
            ORDER BY id LIMIT 1
            """
        return try catalog.write { db in
            let now = catalog.clock()
            try voidLeases(in: db, where: "lease_until <= ?", [now])
            let lease = UUID().uuidString.lowercased()
            // One statement chooses the job, marks it and returns it. The second subquery runs only when the
            // first one finds no job, so a re-render never goes before other work.
            let taken = try db.first(
                """
                UPDATE job SET state = 'running', attempts = attempts + 1, lease_token = :lease,
                    lease_until = :until, boot_id = :boot, worker = :worker
                WHERE id = ifnull((\(Self.nextJob)), (\(excluded == nil ? rerender : "NULL")))
                RETURNING id, image, attempts, request_id, queued_at
                """,
                [
                    "lease": lease, "until": now + catalog.rules.lease.wholeMilliseconds,
                    "boot": catalog.boot, "worker": worker, "now": now,
                    "others": excluded.map(Self.list),
                ]
            ) {
                try (
                    job: $0["id"] as Identifier<Job>, image: $0["image"] as String,
                    attempt: $0["attempts"] as Int, request: $0["request_id"] as String?,
                    queued: $0["queued_at"] as Timestamp?
                )
            }
            guard let taken, let image = try db.images("WHERE id = ?", [taken.image]).first else {
                return nil
            }
            return Claim(
                lease: Lease(job: taken.job, token: lease), image: image, attempt: taken.attempt,
                requestID: taken.request,
                queuedAt: taken.queued ?? image.uploadedAt)
        }
    }

    public func isDue(fromIdleAccountsExcept excluded: Set<Identifier<Account>>) throws -> Bool {
        try catalog.read { db in
            try db.exists(Self.nextJob, ["now": catalog.clock(), "others": Self.list(excluded)])
        }
    }

    /// The oldest due job of the account whose turn it is. The index account_turn has the accounts with ready
    /// jobs in the order of their turns, so the first account with a due job ends the search. A due job is
    /// looked up in job_turn, which has the account's jobs by age.
    private static let nextJob = """
        SELECT (
            SELECT id FROM job
            WHERE account = account.id AND state = 'ready' AND rerender = 0 AND not_before <= :now
            ORDER BY id LIMIT 1) AS oldest
        FROM account
        WHERE waiting > 0 AND oldest IS NOT NULL
            AND (:others IS NULL OR running = 0 AND instr(:others, account.id) = 0)
        ORDER BY running, served LIMIT 1
        """

    /// Ids as one text, which `instr` searches: they have the same length, so none is found across a comma.
    /// IN would need another statement for each number of ids, and json_each a scan of its table.
    private static func list(_ accounts: Set<Identifier<Account>>) -> String {
        accounts.map(\.text).joined(separator: ",")
    }

    public func nextDue() throws -> Duration? {
        try resetTimesOfEarlierBoot()
        // Two SELECTs, because each min() is then the first entry of an index: job_due and job_lease.
        let moment: Int64? = try catalog.read { db in
            try db.value(
                """
                SELECT min(moment) FROM (
                    SELECT min(not_before) AS moment FROM job WHERE state = 'ready' UNION ALL
                    SELECT min(lease_until) FROM job WHERE state = 'running')
                """)
        }
        return moment.map { .milliseconds(max(0, $0 - catalog.clock())) }
    }

    public func renew(_ lease: Lease) throws {
        try catalog.write { db in
            try db.hold(
                lease, "lease_until = ?", [catalog.clock() + catalog.rules.lease.wholeMilliseconds])
        }
    }

    public func complete(_ lease: Lease, with rendering: Rendering, at now: Timestamp) throws {
        try catalog.write { db in
            let image = try db.end(lease, "state = 'done', ended_at = ?", [now.milliseconds])
            // Only what the job does not have: the trigger job_moved sets status, attempts and processed_at.
            try db.run(
                """
                UPDATE image SET width = ?, height = ?, placeholder = ?, variants = ? WHERE id = ?
                """,
                [
                    rendering.pixels.width, rendering.pixels.height, rendering.placeholder,
                    VariantLines.text(rendering.variants), image,
                ])
        }
    }

    public func fail(_ lease: Lease, because failure: RenderFailure, at now: Timestamp) throws {
        try catalog.write { db in
            try db.end(
                lease, "state = 'failed', failure_code = ?, failure = ?, ended_at = ?",
                [failure.code, failure.sentence, now.milliseconds])
        }
    }

    @discardableResult
    public func retryLater(
        _ lease: Lease, because failure: RenderFailure, at now: Timestamp
    ) throws -> JobState {
        try catalog.write { db in
            // `end` checks the lease, and throws if it is lost.
            let attempts =
                try db.value("SELECT attempts FROM job WHERE id = ?", [lease.job.text]) ?? 0
            let state: JobState = attempts < catalog.rules.attempts ? .ready : .dead
            try db.end(
                lease,
                "state = ?, failure_code = ?, failure = ?, not_before = ?, boot_id = ?, ended_at = ?",
                [
                    state.rawValue, failure.code, failure.sentence,
                    catalog.clock() + catalog.rules.delay(after: attempts), catalog.boot,
                    state == .dead ? now.milliseconds : nil,
                ])
            return state
        }
    }

    public func delay(
        _ lease: Lease, by pause: Duration, because failure: RenderFailure
    ) throws {
        try catalog.write { db in
            try db.end(
                lease,
                """
                state = 'ready', attempts = attempts - 1, failure_code = ?, failure = ?,
                not_before = ?, boot_id = ?
                """,
                [
                    failure.code, failure.sentence, catalog.clock() + pause.wholeMilliseconds,
                    catalog.boot,
                ])
        }
    }

    public func delay(
        _ formats: Set<ImageFormat>, by pause: Duration, because failure: RenderFailure
    ) throws {
        // Searched before the write lock is taken, because due jobs of other formats may be many. INDEXED BY:
        // the statement fails without job_due, instead of walking through the images. `instr` is safe, as no
        // format's name is part of another one.
        let jobs: [String] = try catalog.read { db in
            try db.values(
                """
                SELECT job.id FROM job INDEXED BY job_due JOIN image ON image.id = job.image
                WHERE job.state = 'ready' AND job.not_before <= ? AND instr(?, image.format) > 0
                LIMIT 500
                """, [catalog.clock(), formats.map(\.rawValue).joined(separator: ",")]
            )
        }
        guard !jobs.isEmpty else { return }
        try catalog.write { db in
            for job in jobs {
                // `state = 'ready'` again: a worker may have claimed the job since it was read.
                try db.run(
                    """
                    UPDATE job SET failure_code = ?, failure = ?, not_before = ?, boot_id = ?
                    WHERE id = ? AND state = 'ready'
                    """,
                    [
                        failure.code, failure.sentence, catalog.clock() + pause.wholeMilliseconds,
                        catalog.boot,
                        job,
                    ])
            }
        }
    }

    public func resume(_ code: String) throws -> Int {
        try catalog.write { db in
            // `not_before > 0` leaves out jobs that are not delayed. INDEXED BY as in `delay`: the statement
            // must not walk through the jobs that have ended.
            try db.run(
                """
                UPDATE job SET failure_code = NULL, failure = NULL, not_before = 0
                WHERE id IN (
                    SELECT id FROM job INDEXED BY job_due
                    WHERE state = 'ready' AND not_before > 0 AND failure_code = ? LIMIT 500)
                """, [code])
        }
    }

    public func release(_ lease: Lease) throws {
        try catalog.write { db in
            try db.end(lease, "state = 'ready', attempts = attempts - 1, not_before = 0", [])
        }
    }

    public func releaseAll(of worker: String) throws {
        try catalog.write { try voidLeases(in: $0, where: "worker = ?", [worker]) }
    }

    public func holders() throws -> Set<String> {
        try catalog.read { db in
            // Reads job_lease, which has only running jobs.
            Set(try db.values("SELECT worker FROM job WHERE state = 'running'"))
        }
    }

    public func depth() throws -> (ready: Int, running: Int) {
        try catalog.read { try $0.depth() }
    }

    public func prune(endedBefore moment: Timestamp) throws -> Int {
        try catalog.write { db in
            // `worker IS NOT NULL` means that the details have not been cleared, and lets the planner use the
            // index job_ended. The subquery limits the batch.
            try db.run(
                """
                UPDATE job SET worker = NULL, boot_id = NULL, failure_code = NULL, failure = NULL,
                    request_id = NULL
                WHERE id IN (
                    SELECT id FROM job WHERE ended_at < ? AND worker IS NOT NULL
                    ORDER BY ended_at LIMIT 500)
                """, [moment.milliseconds])
        }
    }

    /// CLOCK_BOOTTIME begins at 0 with each boot, so times of an earlier boot are meaningless: its back-offs
    /// are cancelled and its leases voided. Checked once per connection, since no process outlives a boot.
    func resetTimesOfEarlierBoot() throws {
        guard !catalog.hasResetEarlierBoot else { return }
        // UNION ALL instead of OR: each condition has a partial index, job_due and job_lease. With OR, SQLite
        // would read all jobs.
        let waits = "state = 'ready' AND not_before > 0 AND boot_id <> ?"
        let runs = "state = 'running' AND boot_id <> ?"
        let isNew = try catalog.read { db in
            try db.exists(
                "SELECT 1 FROM job WHERE \(waits) UNION ALL SELECT 1 FROM job WHERE \(runs) LIMIT 1",
                [catalog.boot, catalog.boot])
        }
        if isNew {
            try catalog.write { db in
                try db.run("UPDATE job SET not_before = 0 WHERE \(waits)", [catalog.boot])
                try voidLeases(in: db, where: "boot_id <> ?", [catalog.boot])
            }
        }
        catalog.hasResetEarlierBoot = true
    }

    /// Takes running jobs from their workers: a job is ready at once, or dead when that was its last attempt,
    /// with the reason of the previous attempt, if any. It is one statement, because each row's `attempts`
    /// decides which.
    private func voidLeases(
        in db: Database, where condition: String, _ arguments: Arguments
    ) throws {
        try db.run(
            """
            UPDATE job SET lease_token = NULL, lease_until = NULL, not_before = 0,
                state = iif(attempts < ?, 'ready', 'dead'),
                ended_at = iif(attempts < ?, NULL, ?),
                failure_code = iif(attempts < ?, failure_code, 'attempts_exhausted'),
                failure = iif(attempts < ?, failure,
                    'Rendering was stopped after ' || attempts || ' attempts. The last one did not '
                    || 'finish' || ifnull('; the previous failure was: ' || failure, '.'))
            WHERE state = 'running' AND \(condition)
            """,
            [
                catalog.rules.attempts, catalog.rules.attempts, Timestamp.now().milliseconds,
                catalog.rules.attempts,
                catalog.rules.attempts,
            ] + arguments)
    }
}

extension Database {
    /// Changes the lease's job if the lease is still valid; returns the image's id. Throws `leaseLost`. The
    /// WHERE checks the lease in the statement that changes the job. It does not check `lease_until`: an
    /// expired lease is valid until `voidLeases` ends it, so that a late worker's result is not wasted.
    @discardableResult
    fileprivate func hold(
        _ lease: Lease, _ changes: String, _ arguments: Arguments
    ) throws -> String {
        let image = try first(
            """
            UPDATE job SET \(changes) WHERE id = ? AND lease_token = ? AND state = 'running'
            RETURNING image
            """, arguments + [lease.job.text, lease.token]
        ) { try $0["image"] as String }
        guard let image else { throw CatalogError.leaseLost }
        return image
    }

    /// The same, and ends the lease.
    @discardableResult
    fileprivate func end(
        _ lease: Lease, _ changes: String, _ arguments: Arguments
    ) throws -> String {
        try hold(lease, "lease_token = NULL, lease_until = NULL, " + changes, arguments)
    }
}
