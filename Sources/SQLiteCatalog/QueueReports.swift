import Catalog
import GRDB

/// The queue as those who look after it see it.
extension SQLiteCatalog {
    public func state() throws -> QueueState {
        try joinBoot()
        return try snapshot { db in
            var state = QueueState()
            (state.ready, state.running) = try db.depth()
            try db.first(
                """
                SELECT (SELECT count(*) FROM job INDEXED BY job_redo
                        WHERE state = 'ready' AND redo = 1),
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

    public func oldestWaiting() throws -> Timestamp? {
        try read { db in
            // Of those without a back-off the first of an index; of the others, which are few, all.
            try db.first(
                """
                SELECT min(moment) FROM (
                    SELECT min(queued_at) AS moment FROM job
                    WHERE state = 'ready' AND redo = 0 AND not_before = 0 UNION ALL
                    SELECT min(queued_at) FROM job
                    WHERE state = 'ready' AND redo = 0 AND not_before > 0)
                """, []
            ) { ($0[0] as Int64?).map(Timestamp.init) }
        }.flatMap { $0 }
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
}
