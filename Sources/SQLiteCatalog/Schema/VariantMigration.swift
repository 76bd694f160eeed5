/// Up to schema version 5, variants were rows of a table, `variant`; since then they are text in a column of
/// their image (see `Schema`).
extension Schema {
    /// A million images take half a minute. In steps of a thousand, because a statement keeps in memory what
    /// it has changed: at most 26 MB instead of 412.
    @Sendable static func moveVariantsToImages(_ db: Database) throws {
        // NULL: never complete.
        try db.execute("ALTER TABLE image ADD COLUMN variants TEXT")
        var last = ""
        while let next: String = try db.value(
            "SELECT max(id) FROM (SELECT id FROM image WHERE id > ? ORDER BY id LIMIT 1000)",
            [last])
        {
            try db.run(
                """
                UPDATE image SET variants = \(variantLines)
                WHERE id > ? AND id <= ? AND status = 'complete'
                """, [last, next])
            try db.run("DELETE FROM variant WHERE image > ? AND image <= ?", [last, next])
            last = next
        }
        try db.execute("DROP TABLE variant")
    }

    /// Lets the statements of this version read a copy of an earlier version, which must not be changed.
    static func readAsThisVersion(_ db: Database, version: Int) throws {
        guard version < 6 else { return }
        // SQLite looks up a name in the temporary schema first, so this view replaces the table.
        try db.execute(
            """
            CREATE TEMP VIEW image AS
                SELECT image.*, \(variantLines) AS variants FROM main.image AS image
            """)
    }

    private static let variantLines = """
        (SELECT group_concat(line, char(10)) FROM (
            SELECT name || ' ' || revision || ' ' || format || ' ' || width || ' ' || height
                || ' ' || bytes AS line
            FROM variant WHERE image = image.id ORDER BY position))
        """
}
