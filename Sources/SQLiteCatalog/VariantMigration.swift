/// Up to version 5 sizes had a table of their own, `variant`; since then they are lines of their image
/// (VariantLines).
extension Schema {
    /// A million images take half a minute. By thousands, since a statement keeps in memory what it
    /// changed: 26 MB at the most instead of 412.
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

    /// Lets a copy of an earlier version, which nobody may change, be read as one of this.
    static func readAsThisVersion(_ db: Database, version: Int) throws {
        guard version < 6 else { return }
        // Names are looked for among what is temporary first.
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
