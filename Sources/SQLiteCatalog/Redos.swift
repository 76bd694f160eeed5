import Model

/// Sizes that are there, made once more.
extension SQLiteQueue {
    public func redo(_ images: [Identifier<Image>]) throws -> Int {
        try catalog.write { db in
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
        try catalog.read { db in
            try db.images(
                """
                WHERE id IN (SELECT image FROM job
                    WHERE state = 'done' AND redo = 1 AND ended_at < ? ORDER BY ended_at LIMIT ?)
                """, [moment.milliseconds, limit])
        }
    }

    public func settle(_ image: Identifier<Image>, before moment: Timestamp) throws {
        try catalog.write { db in
            try db.run(
                "UPDATE job SET redo = 0 WHERE image = ? AND state = 'done' AND ended_at < ?",
                [image.text, moment.milliseconds])
        }
    }

    public func remake(_ image: Identifier<Image>) throws -> Bool {
        try catalog.write { db in
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
}
