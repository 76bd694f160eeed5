import Model

extension SQLiteImages {
    public func beginDeletion(
        of id: Identifier<Image>, owner: Identifier<Account>, at now: Timestamp
    ) throws -> Image? {
        try catalog.write { db in
            // Without `deleting_at IS NULL`: a repeated request completes the deletion. For the same reason
            // the UPDATE below keeps the time of the first one.
            let found = try db.images("WHERE id = ? AND account = ?", [id.text, owner.text])
            guard let image = found.first else { return nil }
            // Without the job no lease is valid, so no worker can store a result.
            try db.run("DELETE FROM job WHERE image = ?", [id.text])
            try db.run(
                "UPDATE image SET deleting_at = ifnull(deleting_at, ?) WHERE id = ?",
                [now.milliseconds, id.text])
            return image
        }
    }

    /// The account's usage is reduced here and not when the deletion begins: until the files are removed,
    /// their bytes are on disk, and a crash in between must not free them for other uploads.
    public func finishDeletion(of id: Identifier<Image>) throws {
        try catalog.write { db in
            // RETURNING only returns the row that this call deletes, so a repeated call subtracts nothing.
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
            // An id is not an email address, so no sign-in finds this row, and the email is free. With an
            // empty hash no password fits.
            let marked = try db.run(
                """
                UPDATE account
                SET deleting_at = ?, email = id, email_key = NULL, password_hash = ''
                WHERE id = ? AND deleting_at IS NULL
                """, [now.milliseconds, account.text])
            guard marked == 1 else { return false }
            // In the transaction that hides the account: requests need not check `deleting_at` of a session's
            // or key's account, and no worker holds a valid lease.
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
            // The conditions are part of the statement, so that a call that comes too early changes nothing.
            try db.run(
                """
                DELETE FROM account WHERE id = ? AND deleting_at IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM image WHERE image.account = account.id)
                """, [account.text])
        }
    }
}
