import Foundation
import Model

extension SQLiteAccounts {
    public func add(
        _ key: APIKey, digest: [UInt8], limit: Int, by session: Identifier<Session>?
    ) throws -> Bool {
        try catalog.write { db in
            if let session, try db.session(session) == nil { return false }
            // One statement for two questions: no row when the account does not exist, else its key count.
            let found: Int? = try db.value(
                """
                SELECT (SELECT count(*) FROM api_key WHERE account = account.id) FROM account
                WHERE id = ? AND deleting_at IS NULL
                """, [key.account.text]
            )
            guard let count = found else { return false }
            guard count < limit else { throw CatalogError.tooManyKeys }
            try db.run(
                """
                INSERT INTO api_key (id, account, digest, name, scopes, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    key.id.text, key.account.text, digest, key.name,
                    key.scopes.map(\.rawValue).sorted().joined(separator: ","),
                    key.createdAt.milliseconds, key.expiresAt?.milliseconds,
                ])
            return true
        }
    }

    public func key(digest: [UInt8]) throws -> (key: APIKey, account: Account)? {
        try catalog.read { db in
            // Without `deleting_at IS NULL`: an account that is being deleted has no keys.
            try db.first(
                """
                SELECT \(APIKey.columns), \(Account.columns)
                FROM api_key JOIN account ON account.id = api_key.account WHERE digest = ?
                """, [digest]
            ) { try (APIKey($0), Account($0)) }
        }
    }

    public func keys(of account: Identifier<Account>) throws -> [APIKey] {
        try catalog.read { try $0.keys(of: account) }
    }

    public func use(_ key: Identifier<APIKey>, at now: Timestamp) throws {
        try catalog.write { db in
            try db.run(
                "UPDATE api_key SET used_at = ? WHERE id = ?", [now.milliseconds, key.text])
        }
    }

    public func revoke(_ key: Identifier<APIKey>, of account: Identifier<Account>) throws -> Bool {
        try catalog.write { db in
            try db.run(
                "DELETE FROM api_key WHERE id = ? AND account = ?", [key.text, account.text]) == 1
        }
    }
}

extension Database {
    func keys(of account: Identifier<Account>) throws -> [APIKey] {
        try all(
            """
            SELECT \(APIKey.columns), account FROM api_key WHERE account = ? ORDER BY id DESC
            """, [account.text], APIKey.init)
    }
}

extension APIKey {
    /// The columns that `init` reads, besides `account`.
    fileprivate static let columns = """
        api_key.id AS id, name, scopes, api_key.created_at AS created_at, expires_at, used_at
        """

    fileprivate init(_ row: Row) throws {
        let scopes: String = try row["scopes"]
        try self.init(
            id: row["id"], account: row["account"], name: row["name"],
            scopes: Set(scopes.split(separator: ",").compactMap { Scope(rawValue: String($0)) }),
            createdAt: row["created_at"], expiresAt: row["expires_at"], usedAt: row["used_at"])
    }
}
