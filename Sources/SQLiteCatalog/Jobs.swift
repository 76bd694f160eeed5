import Catalog
import Foundation
import GRDB

extension SQLiteCatalog: JobQueue {
    public func claim(by worker: String) throws -> Claim? {
        // An idle worker only reads.
        guard try nextDue() == .zero else { return nil }
        return try write { db in
            let now = clock()
            try voidLeases(in: db, where: "lease_until <= ?", [now])
            let lease = UUID().uuidString.lowercased()
            let taken = try db.first(
                """
                UPDATE job SET state = 'running', attempts = attempts + 1, lease_token = ?,
                    lease_until = ?, boot_id = ?, worker = ?
                WHERE id = ifnull((
                    SELECT (
                        SELECT id FROM job
                        WHERE account = account.id AND state = 'ready' AND redo = 0
                            AND not_before <= ?
                        ORDER BY id LIMIT 1) AS oldest
                    FROM account WHERE waiting > 0 AND oldest IS NOT NULL
                    ORDER BY running, served LIMIT 1), (
                    SELECT id FROM job WHERE state = 'ready' AND redo = 1 AND not_before <= ?
                    ORDER BY id LIMIT 1))
                RETURNING id, image, attempts, request_id, queued_at
                """, [lease, now + rules.lease.wholeMilliseconds, boot, worker, now, now]
            ) {
                (
                    job: try $0.identifier(0) as Identifier<Job>, image: $0[1] as String,
                    attempt: $0[2] as Int, request: $0[3] as String?, queued: $0[4] as Int64?
                )
            }
            guard let taken, let image = try db.images("WHERE id = ?", [taken.image]).first else {
                return nil
            }
            return Claim(
                lease: Lease(job: taken.job, token: lease), image: image, attempt: taken.attempt,
                requestID: taken.request,
                queuedAt: taken.queued.map(Timestamp.init) ?? image.uploadedAt)
        }
    }

    public func nextDue() throws -> Duration? {
        try joinBoot()
        let moment = try read { db in
            try db.first(
                """
                SELECT min(moment) FROM (
                    SELECT min(not_before) AS moment FROM job WHERE state = 'ready' UNION ALL
                    SELECT min(lease_until) FROM job WHERE state = 'running')
                """, []
            ) { $0[0] as Int64? }
        }
        return moment.flatMap { $0 }.map { .milliseconds(max(0, $0 - clock())) }
    }

    public func renew(_ lease: Lease) throws {
        try write { db in
            try db.hold(lease, "lease_until = ?", [clock() + rules.lease.wholeMilliseconds])
        }
    }

    public func complete(_ lease: Lease, with rendering: Rendering, at now: Timestamp) throws {
        try write { db in
            let image = try db.end(lease, "state = 'done', ended_at = ?", [now.milliseconds])
            try db.run(
                "UPDATE image SET width = ?, height = ?, placeholder = ? WHERE id = ?",
                [rendering.pixels.width, rendering.pixels.height, rendering.placeholder, image])
            try db.run("DELETE FROM variant WHERE image = ?", [image])
            for (position, variant) in rendering.variants.enumerated() {
                try db.run(
                    """
                    INSERT INTO variant (image, position, name, revision, format, width, height,
                        bytes)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        image, position, variant.name, variant.revision, variant.format.rawValue,
                        variant.pixels.width, variant.pixels.height, variant.bytes,
                    ])
            }
        }
    }

    public func fail(_ lease: Lease, because failure: RenderFailure, at now: Timestamp) throws {
        try write { db in
            try db.end(
                lease, "state = 'failed', failure_code = ?, failure = ?, ended_at = ?",
                [failure.code, failure.sentence, now.milliseconds])
        }
    }

    @discardableResult
    public func retryLater(
        _ lease: Lease, because failure: RenderFailure, at now: Timestamp
    ) throws -> JobState {
        try write { db in
            let attempts =
                try db.first(
                    "SELECT attempts FROM job WHERE id = ?", [lease.job.text]
                ) { $0[0] as Int } ?? 0
            let state: JobState = attempts < rules.attempts ? .ready : .dead
            try db.end(
                lease,
                "state = ?, failure_code = ?, failure = ?, not_before = ?, boot_id = ?, ended_at = ?",
                [
                    state.rawValue, failure.code, failure.sentence,
                    clock() + rules.delay(after: attempts), boot,
                    state == .dead ? now.milliseconds : nil,
                ])
            return state
        }
    }

    public func postpone(
        _ lease: Lease, by pause: Duration, because failure: RenderFailure
    ) throws {
        try write { db in
            try db.end(
                lease,
                """
                state = 'ready', attempts = attempts - 1, failure_code = ?, failure = ?,
                not_before = ?, boot_id = ?
                """,
                [
                    failure.code, failure.sentence, clock() + pause.wholeMilliseconds, boot,
                ])
        }
    }

    public func redo(_ images: [Identifier<Image>]) throws -> Int {
        try write { db in
            try images.reduce(0) { count, image in
                count
                    + (try db.run(
                        """
                        UPDATE job SET state = 'ready', redo = 1, attempts = 0, not_before = 0,
                            ended_at = NULL, failure_code = NULL, failure = NULL
                        WHERE image = ? AND state NOT IN ('ready', 'running')
                            AND image IN (SELECT id FROM image WHERE id = ? AND status = 'complete')
                        """, [image.text, image.text]))
            }
        }
    }

    public func redone(before moment: Timestamp, limit: Int) throws -> [Image] {
        try snapshot { db in
            try db.images(
                """
                WHERE id IN (SELECT image FROM job
                    WHERE state = 'done' AND redo = 1 AND ended_at < ? ORDER BY ended_at LIMIT ?)
                """, [moment.milliseconds, limit])
        }
    }

    public func settle(_ image: Identifier<Image>, before moment: Timestamp) throws {
        try write { db in
            try db.run(
                "UPDATE job SET redo = 0 WHERE image = ? AND state = 'done' AND ended_at < ?",
                [image.text, moment.milliseconds])
        }
    }

    public func release(_ lease: Lease) throws {
        try write { db in
            try db.end(lease, "state = 'ready', attempts = attempts - 1, not_before = 0", [])
        }
    }

    public func releaseAll(of worker: String) throws {
        try write { try voidLeases(in: $0, where: "worker = ?", [worker]) }
    }

    public func holders() throws -> Set<String> {
        try read { db in
            Set(try db.all("SELECT worker FROM job WHERE state = 'running'", []) { $0[0] })
        }
    }

    public func depth() throws -> (ready: Int, running: Int) {
        try read { try $0.depth() }
    }

    public func state() throws -> QueueState {
        try joinBoot()
        return try snapshot { db in
            var state = QueueState()
            (state.ready, state.running) = try db.depth()
            try db.first(
                """
                SELECT (SELECT count(*) FROM job WHERE state = 'ready' AND redo = 1),
                    (SELECT count(*) FROM job WHERE state = 'dead'),
                    (SELECT count(*) FROM job WHERE state = 'running' AND lease_until <= ?)
                """, [clock()]
            ) { (state.redos, state.dead, state.overdue) = ($0[0], $0[1], $0[2]) }
            return state
        }
    }

    public func jobs(
        _ states: Set<JobState>, after last: Identifier<Job>?, limit: Int
    ) throws -> [JobRecord] {
        let names = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return try read { db in
            try db.jobs(
                "WHERE job.id > ? AND state IN (\(names)) ORDER BY job.id LIMIT ?",
                [last?.text ?? "", limit])
        }
    }

    public func job(of image: Identifier<Image>) throws -> JobRecord? {
        try read { try $0.jobs("WHERE job.image = ?", [image.text]).first }
    }

    public func remake(_ image: Identifier<Image>) throws -> Bool {
        try write { db in
            try db.run(
                """
                UPDATE job SET state = 'ready', redo = 0, attempts = 0, not_before = 0,
                    ended_at = NULL, failure_code = NULL, failure = NULL, request_id = NULL,
                    queued_at = ?
                WHERE image = ? AND state NOT IN ('ready', 'running')
                    AND image IN (SELECT id FROM image WHERE id = ? AND status = 'complete')
                """, [Timestamp.now().milliseconds, image.text, image.text]) == 1
        }
    }

    public func oldestWaiting() throws -> Timestamp? {
        try read { db in
            try db.first(
                """
                SELECT min(ifnull(queued_at, uploaded_at)) FROM job JOIN image ON image.id = job.image
                WHERE state = 'ready' AND redo = 0
                """, []
            ) { ($0[0] as Int64?).map(Timestamp.init) }
        }.flatMap { $0 }
    }

    public func prune(endedBefore moment: Timestamp) throws -> Int {
        try write { db in
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

    /// Times of an earlier boot mean nothing in this one: its back-offs are over and its leases void.
    /// Looked for once per connection, since no process outlives a boot.
    private func joinBoot() throws {
        guard !hasJoinedBoot else { return }
        let waits = "state = 'ready' AND not_before > 0 AND boot_id <> ?"
        let runs = "state = 'running' AND boot_id <> ?"
        let found = try read { db in
            try db.first(
                "SELECT 1 FROM job WHERE \(waits) UNION ALL SELECT 1 FROM job WHERE \(runs) LIMIT 1",
                [boot, boot]
            ) { _ in true }
        }
        if found != nil {
            try write { db in
                try db.run("UPDATE job SET not_before = 0 WHERE \(waits)", [boot])
                try voidLeases(in: db, where: "boot_id <> ?", [boot])
            }
        }
        hasJoinedBoot = true
    }

    /// Takes running jobs from whoever holds them: ready at once, or dead when that was the last
    /// attempt, with the reason the attempt before had, if any.
    private func voidLeases(
        in db: Database, where condition: String, _ arguments: StatementArguments
    ) throws {
        try db.run(
            """
            UPDATE job SET lease_token = NULL, lease_until = NULL, not_before = 0,
                state = iif(attempts < ?, 'ready', 'dead'),
                ended_at = iif(attempts < ?, NULL, ?),
                failure_code = iif(attempts < ?, failure_code, 'attempts_exhausted'),
                failure = iif(attempts < ?, failure,
                    'Resizing was given up after ' || attempts || ' attempts; the last one never '
                    || 'ended' || ifnull(', the one before: ' || failure, '.'))
            WHERE state = 'running' AND \(condition)
            """,
            [
                rules.attempts, rules.attempts, Timestamp.now().milliseconds, rules.attempts,
                rules.attempts,
            ] + arguments)
    }
}

extension Database {
    fileprivate func jobs(
        _ condition: String, _ arguments: StatementArguments
    ) throws -> [JobRecord] {
        try all(
            """
            SELECT job.id, image, account, email, state, attempts, redo, worker, failure_code,
                failure, ended_at
            FROM job JOIN account ON account.id = job.account \(condition)
            """, arguments
        ) {
            JobRecord(
                id: try $0.identifier(0), image: try $0.identifier(1),
                account: try $0.identifier(2), email: $0[3], state: try $0.choice(4),
                attempts: $0[5], isRedo: $0[6], worker: $0[7],
                failure: $0.failure(code: 8, sentence: 9), endedAt: $0.optionalTimestamp(10))
        }
    }

    /// Changes the job that the lease is for, as long as it is; returns the image's id. Throws
    /// `leaseLost`.
    @discardableResult
    fileprivate func hold(
        _ lease: Lease, _ changes: String, _ arguments: StatementArguments
    ) throws -> String {
        let image = try first(
            """
            UPDATE job SET \(changes) WHERE id = ? AND lease_token = ? AND state = 'running'
            RETURNING image
            """, arguments + [lease.job.text, lease.token]
        ) { $0[0] as String }
        guard let image else { throw CatalogError.leaseLost }
        return image
    }

    /// Likewise, and the lease is over.
    @discardableResult
    fileprivate func end(
        _ lease: Lease, _ changes: String, _ arguments: StatementArguments
    ) throws -> String {
        try hold(lease, "lease_token = NULL, lease_until = NULL, " + changes, arguments)
    }
}
