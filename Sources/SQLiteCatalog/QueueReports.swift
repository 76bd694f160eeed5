import Model

/// The queue as those who look after it see it.
extension SQLiteQueue {
    public func state() throws -> QueueState {
        try joinBoot()
        return try catalog.snapshot { db in
            var state = QueueState()
            (state.ready, state.running) = try db.depth()
            try db.first(
                """
                SELECT (SELECT count(*) FROM job INDEXED BY job_redo
                        WHERE state = 'ready' AND redo = 1) AS redos,
                    (SELECT count(*) FROM job WHERE state = 'running' AND redo = 1) AS running_redos,
                    (SELECT count(*) FROM job WHERE state = 'dead') AS dead,
                    (SELECT count(*) FROM job WHERE state = 'running' AND lease_until <= ?)
                        AS overdue
                """, [catalog.clock()]
            ) {
                (state.redos, state.runningRedos) = try ($0["redos"], $0["running_redos"])
                (state.dead, state.overdue) = try ($0["dead"], $0["overdue"])
            }
            return state
        }
    }

    public func jobs(
        _ states: Set<JobState>, after last: Identifier<Job>?, limit: Int
    ) throws -> [JobRecord] {
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
            // Of those without a back-off the first of an index; of the others, which are few, all.
            try db.value(
                """
                SELECT min(moment) FROM (
                    SELECT min(queued_at) AS moment FROM job
                    WHERE state = 'ready' AND redo = 0 AND not_before = 0 UNION ALL
                    SELECT min(queued_at) FROM job
                    WHERE state = 'ready' AND redo = 0 AND not_before > 0)
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
            SELECT job.id AS id, image, job.account AS account, email, state, attempts, redo, worker,
                failure_code, failure, ended_at
            FROM job JOIN account ON account.id = job.account \(condition)
            """, arguments
        ) {
            try JobRecord(
                id: $0["id"], image: $0["image"], account: $0["account"], email: $0["email"],
                state: $0["state"], attempts: $0["attempts"], isRedo: $0["redo"],
                worker: $0["worker"], failure: $0.failure(), endedAt: $0["ended_at"])
        }
    }
}
