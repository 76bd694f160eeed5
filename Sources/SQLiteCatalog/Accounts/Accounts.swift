import Model

extension SQLiteAccounts: AccountStore {
    public func register(
        email: String, passwordHash: String, userAgent: String?, at now: Timestamp
    ) throws -> Session {
        let account = Account(
            id: Identifier(at: now), email: email, createdAt: now, usage: Usage(images: 0, bytes: 0)
        )
        return try catalog.write { db in
            // DO NOTHING on either of the unique columns, `email` and `email_key`: no row means that the
            // email is taken.
            let added = try db.run(
                """
                INSERT INTO account (id, email, email_key, password_hash, created_at)
                VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """,
                [
                    account.id.text, email, EmailAddress.canonical(email), passwordHash,
                    now.milliseconds,
                ])
            guard added == 1 else { throw CatalogError.emailTaken }
            return try db.addSession(to: account, userAgent: userAgent, at: now)
        }
    }

    public func credentials(email: String) throws -> (account: Account, passwordHash: String)? {
        try catalog.read { db in
            // The spelling before the canonical form: of two accounts that share a form, the newer has no
            // `email_key`. Two subqueries instead of OR, so that each is one lookup in a unique index and
            // the first has priority.
            try db.first(
                """
                SELECT \(Account.columns), password_hash FROM account
                WHERE deleting_at IS NULL AND id = coalesce(
                    (SELECT id FROM account WHERE email = ?),
                    (SELECT id FROM account WHERE email_key = ?))
                """, [email, EmailAddress.canonical(email)]
            ) { try (Account($0), $0["password_hash"]) }
        }
    }

    public func passwordHash(of account: Identifier<Account>) throws -> String? {
        try catalog.read { db in
            try db.value(
                "SELECT password_hash FROM account WHERE id = ? AND deleting_at IS NULL",
                [account.text]
            )
        }
    }

    public func all() throws -> [Account] {
        try catalog.read { db in
            // Ids sort by creation time, and the table is stored in their order.
            try db.all(
                """
                SELECT \(Account.columns) FROM account WHERE deleting_at IS NULL ORDER BY id
                """
            ) { try Account($0) }
        }
    }

    public func hasAccounts() throws -> Bool {
        try catalog.read { try $0.exists("SELECT 1 FROM account LIMIT 1") }
    }

    public func changePassword(
        of account: Identifier<Account>, from old: String, to passwordHash: String,
        userAgent: String?, at now: Timestamp
    ) throws -> (session: Session, keys: [APIKey])? {
        try catalog.write { db in
            guard let account = try db.account(account, verified: old) else { return nil }
            try db.setPassword(of: account.id, to: passwordHash, at: now)
            return (
                try db.addSession(to: account, userAgent: userAgent, at: now),
                try db.keys(of: account.id)
            )
        }
    }

    public func setPassword(
        of account: Identifier<Account>, to passwordHash: String, revokingKeys: Bool,
        at now: Timestamp
    ) throws -> [APIKey]? {
        try catalog.write { db in
            guard try db.setPassword(of: account, to: passwordHash, at: now) else { return nil }
            let keys = try db.keys(of: account)
            if revokingKeys {
                try db.run("DELETE FROM api_key WHERE account = ?", [account.text])
            }
            return keys
        }
    }

    public func setQuota(
        of account: Identifier<Account>, to quotaOverride: QuotaOverride
    ) throws -> Bool {
        try catalog.write { db in
            try db.run(
                """
                UPDATE account SET quota_images = ?, quota_bytes = ?
                WHERE id = ? AND deleting_at IS NULL
                """, [quotaOverride.images, quotaOverride.bytes, account.text]) == 1
        }
    }
}

extension Database {
    /// The account; nil when it does not exist or `hash` is not its password hash.
    func account(_ id: Identifier<Account>, verified hash: String) throws -> Account? {
        try first(
            """
            SELECT \(Account.columns) FROM account
            WHERE id = ? AND password_hash = ? AND deleting_at IS NULL
            """, [id.text, hash]
        ) { try Account($0) }
    }

    @discardableResult
    fileprivate func setPassword(
        of account: Identifier<Account>, to passwordHash: String, at now: Timestamp
    ) throws -> Bool {
        let found = try run(
            "UPDATE account SET password_hash = ? WHERE id = ? AND deleting_at IS NULL",
            [passwordHash, account.text])
        try endSessions(of: account, except: nil, at: now)
        return found == 1
    }
}

extension Account {
    /// The columns that `init` reads. Some are renamed, because statements join the table with others that
    /// have columns of the same name.
    static let columns = """
        account.id AS account, email, account.created_at AS account_created_at, images, bytes,
        quota_images, quota_bytes
        """

    init(_ row: Row) throws {
        try self.init(
            id: row["account"], email: row["email"], createdAt: row["account_created_at"],
            usage: Usage(images: row["images"], bytes: row["bytes"]),
            quotaOverride: QuotaOverride(images: row["quota_images"], bytes: row["quota_bytes"]))
    }
}
