import Model

/// Complete images that are rendered again.
extension SQLiteQueue {
    public func rerender(_ images: [Identifier<Image>]) throws -> Int {
        try catalog.write { db in
            // `rerender` changes together with `state`: with 1, the trigger job_moved leaves the image and
            // the account's counters unchanged. The conditions are in the statement, so an image that is not
            // complete, or whose job has not ended, is not counted.
            try images.reduce(0) { count, image in
                count
                    + (try db.run(
                        """
                        UPDATE job SET state = 'ready', rerender = 1, attempts = 0, not_before = 0,
                            ended_at = NULL, failure_code = NULL, failure = NULL
                        WHERE image = ? AND state NOT IN ('ready', 'running')
                            AND image IN (SELECT id FROM image WHERE id = ? AND status = 'complete')
                        """, [image.text, image.text]))
            }
        }
    }

    public func rerendered(before moment: Timestamp, limit: Int) throws -> [Image] {
        try catalog.read { db in
            try db.images(
                """
                WHERE id IN (SELECT image FROM job
                    WHERE state = 'done' AND rerender = 1 AND ended_at < ? ORDER BY ended_at LIMIT ?)
                """, [moment.milliseconds, limit])
        }
    }

    public func finishRerender(_ image: Identifier<Image>, before moment: Timestamp) throws {
        try catalog.write { db in
            // `ended_at < ?` leaves out a job that has re-rendered the image again since.
            try db.run(
                "UPDATE job SET rerender = 0 WHERE image = ? AND state = 'done' AND ended_at < ?",
                [image.text, moment.milliseconds])
        }
    }

    public func repair(_ image: Identifier<Image>) throws -> Bool {
        try catalog.write { db in
            // With `rerender` = 0 the trigger job_moved makes the image pending, as its files are missing.
            try db.run(
                """
                UPDATE job SET state = 'ready', rerender = 0, attempts = 0, not_before = 0,
                    ended_at = NULL, failure_code = NULL, failure = NULL, request_id = NULL,
                    queued_at = ?
                WHERE image = ? AND state NOT IN ('ready', 'running')
                    AND image IN (SELECT id FROM image WHERE id = ? AND status = 'complete')
                """, [Timestamp.now().milliseconds, image.text, image.text]) == 1
        }
    }
}
