import Model

/// The queue as operators see it.
extension SQLiteQueue {
    public func state() throws -> QueueState {
        try resetTimesOfEarlierBoot()
        return try catalog.snapshot { db in
            var state = QueueState()
            (state.ready, state.running) = try db.depth()
            // Each subquery reads a partial index that has only the rows that it counts, or running jobs, of
            // which there are few: job_rerender, job_lease, job_dead, job_lease. INDEXED BY, because job_due
            // fits the first one too, but has all waiting jobs.
            try db.first(
                """
                SELECT (SELECT count(*) FROM job INDEXED BY job_rerender
                        WHERE state = 'ready' AND rerender = 1) AS rerenders,
                    (SELECT count(*) FROM job WHERE state = 'running' AND rerender = 1) AS running_rerenders,
                    (SELECT count(*) FROM job WHERE state = 'dead') AS dead,
                    (SELECT count(*) FROM job WHERE state = 'running' AND lease_until <= ?)
                        AS overdue
                """, [catalog.clock()]
            ) {
                (state.rerenders, state.runningRerenders) = try (
                    $0["rerenders"], $0["running_rerenders"]
                )
                (state.dead, state.overdue) = try ($0["dead"], $0["overdue"])
            }
            return state
        }
    }

    public func jobs(
        _ states: Set<JobState>, after last: Identifier<Job>?, limit: Int
    ) throws -> [JobRecord] {
        // Constants of the enum, so they need no parameters, of which IN would need a varying number.
        let names = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return try catalog.read { db in
            try db.jobs(
                "WHERE job.id > ? AND state IN (\(names)) ORDER BY job.id LIMIT ?",
                [last?.text ?? "", limit])
        }
    }

    public func job(of image: Identifier<Image>) throws -> JobRecord? {
        try catalog.read { try $0.jobs("WHERE job.image = ?", [image.text]).first }
    }

    public func oldestWaiting() throws -> Timestamp? {
        try catalog.read { db in
            // Jobs without a back-off are sorted by queued_at in the index job_due, so their oldest is its
            // first entry. Those with one are few, and all are read.
            try db.value(
                """
                SELECT min(moment) FROM (
                    SELECT min(queued_at) AS moment FROM job
                    WHERE state = 'ready' AND rerender = 0 AND not_before = 0 UNION ALL
                    SELECT min(queued_at) FROM job
                    WHERE state = 'ready' AND rerender = 0 AND not_before > 0)
                """)
        }
    }
}

extension Database {
    fileprivate func jobs(
        _ condition: String, _ arguments: Arguments
    ) throws -> [JobRecord] {
        try all(
            """
            SELECT job.id AS id, image, job.account AS account, email, state, attempts, rerender, worker,
                failure_code, failure, ended_at
            FROM job JOIN account ON account.id = job.account \(condition)
            """, arguments
        ) {
            try JobRecord(
                id: $0["id"], image: $0["image"], account: $0["account"], email: $0["email"],
                state: $0["state"], attempts: $0["attempts"], isRerender: $0["rerender"],
                worker: $0["worker"], failure: $0.failure(), endedAt: $0["ended_at"])
        }
    }
}
