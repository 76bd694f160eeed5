import Catalog
import GRDB

extension SQLiteCatalog {
    public func beginDeletion(
        of id: Identifier<Image>, owner: Identifier<Account>, at now: Timestamp
    ) throws -> Image? {
        try write { db in
            guard let image = try db.image(id, of: owner) else { return nil }
            // With its job gone no lease fits any more, so no worker can record anything.
            try db.run("DELETE FROM job WHERE image = ?", [id.text])
            try db.run(
                "UPDATE image SET deleting_at = ? WHERE id = ?", [now.milliseconds, id.text])
            return image
        }
    }

    /// The account's usage shrinks here and not when the deletion begins: until the files are gone
    /// their bytes are on the disk, and a crash between the two must not give them away.
    public func finishDeletion(of id: Identifier<Image>) throws {
        try write { db in
            let gone = try db.first(
                """
                DELETE FROM image WHERE id = ? AND deleting_at IS NOT NULL
                RETURNING account, bytes
                """, [id.text]
            ) { (account: $0[0] as String, bytes: $0[1] as Int64) }
            guard let gone else { return }
            try db.run(
                "UPDATE account SET images = images - 1, bytes = bytes - ? WHERE id = ?",
                [gone.bytes, gone.account])
        }
    }

    public func unfinishedDeletions() throws -> [Image] {
        try snapshot { try $0.images("WHERE deleting_at IS NOT NULL", []) }
    }
}
