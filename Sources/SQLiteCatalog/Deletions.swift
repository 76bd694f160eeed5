import Model

extension SQLiteImages {
    public func beginDeletion(
        of id: Identifier<Image>, owner: Identifier<Account>, at now: Timestamp
    ) throws -> Image? {
        try catalog.write { db in
            let found = try db.images("WHERE id = ? AND account = ?", [id.text, owner.text])
            guard let image = found.first else { return nil }
            // With its job gone no lease fits any more, so no worker can record anything.
            try db.run("DELETE FROM job WHERE image = ?", [id.text])
            try db.run(
                "UPDATE image SET deleting_at = ifnull(deleting_at, ?) WHERE id = ?",
                [now.milliseconds, id.text])
            return image
        }
    }

    /// The account's usage shrinks here and not when the deletion begins: until the files are gone
    /// their bytes are on the disk, and a crash between the two must not give them away.
    public func finishDeletion(of id: Identifier<Image>) throws {
        try catalog.write { db in
            let gone = try db.first(
                """
                DELETE FROM image WHERE id = ? AND deleting_at IS NOT NULL
                RETURNING account, bytes
                """, [id.text]
            ) { try (account: $0["account"] as String, bytes: $0["bytes"] as Int64) }
            guard let gone else { return }
            try db.run(
                "UPDATE account SET images = images - 1, bytes = bytes - ? WHERE id = ?",
                [gone.bytes, gone.account])
        }
    }

    public func unfinishedDeletions(
        after last: Identifier<Image>?, limit: Int
    ) throws -> [Image] {
        try catalog.read {
            try $0.images(
                "WHERE deleting_at IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
                [last?.text ?? "", limit])
        }
    }

    public func unfinishedDeletions(
        of account: Identifier<Account>, after last: Identifier<Image>?, limit: Int
    ) throws -> [Image] {
        try catalog.read {
            try $0.images(
                "WHERE account = ? AND deleting_at IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
                [account.text, last?.text ?? "", limit])
        }
    }
}

extension SQLiteAccounts {
    public func beginDeletion(
        of account: Identifier<Account>, verified hash: String?, at now: Timestamp
    ) throws -> Bool {
        try catalog.write { db in
            if let hash, try db.account(account, verified: hash) == nil { return false }
            // No address is like an id, so the email is free and this row is found by none.
            let marked = try db.run(
                """
                UPDATE account
                SET deleting_at = ?, email = id, email_key = NULL, password_hash = ''
                WHERE id = ? AND deleting_at IS NULL
                """, [now.milliseconds, account.text])
            guard marked == 1 else { return false }
            try db.run("DELETE FROM session WHERE account = ?", [account.text])
            try db.run("DELETE FROM api_key WHERE account = ?", [account.text])
            try db.run(
                "DELETE FROM job WHERE image IN (SELECT id FROM image WHERE account = ?)",
                [account.text])
            try db.run(
                "UPDATE image SET deleting_at = ? WHERE account = ? AND deleting_at IS NULL",
                [now.milliseconds, account.text])
            return true
        }
    }

    public func unfinishedAccountDeletions() throws -> [Identifier<Account>] {
        try catalog.read { db in
            try db.values("SELECT id FROM account WHERE deleting_at IS NOT NULL")
        }
    }

    public func finishDeletion(of account: Identifier<Account>) throws {
        try catalog.write { db in
            try db.run(
                """
                DELETE FROM account WHERE id = ? AND deleting_at IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM image WHERE image.account = account.id)
                """, [account.text])
        }
    }
}
