import Catalog
import Foundation
import GRDB

extension SQLiteCatalog {
    public func add(
        _ key: APIKey, digest: [UInt8], limit: Int, by session: Identifier<Session>?
    ) throws -> Bool {
        try write { db in
            if let session, try db.session(session) == nil { return false }
            let found = try db.first(
                """
                SELECT (SELECT count(*) FROM api_key WHERE account = account.id) FROM account
                WHERE id = ? AND deleting_at IS NULL
                """, [key.account.text]
            ) { $0[0] as Int }
            guard let count = found else { return false }
            guard count < limit else { throw CatalogError.tooManyKeys }
            try db.run(
                """
                INSERT INTO api_key (id, account, digest, name, scopes, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    key.id.text, key.account.text, Data(digest), key.name,
                    key.scopes.map(\.rawValue).sorted().joined(separator: ","),
                    key.createdAt.milliseconds, key.expiresAt?.milliseconds,
                ])
            return true
        }
    }

    public func key(digest: [UInt8]) throws -> (key: APIKey, account: Account)? {
        try read { db in
            try db.first(
                """
                SELECT api_key.id, account, name, scopes, api_key.created_at, expires_at, used_at,
                    \(Account.columns)
                FROM api_key JOIN account ON account.id = api_key.account WHERE digest = ?
                """, [Data(digest)]
            ) { (try APIKey($0), try Account($0, from: 7)) }
        }
    }

    public func keys(of account: Identifier<Account>) throws -> [APIKey] {
        try read { try $0.keys(of: account) }
    }

    public func use(_ key: Identifier<APIKey>, at now: Timestamp) throws {
        try write { db in
            try db.run(
                "UPDATE api_key SET used_at = ? WHERE id = ?", [now.milliseconds, key.text])
        }
    }

    public func revoke(_ key: Identifier<APIKey>, of account: Identifier<Account>) throws -> Bool {
        try write { db in
            try db.run(
                "DELETE FROM api_key WHERE id = ? AND account = ?", [key.text, account.text]) == 1
        }
    }
}

extension Database {
    func keys(of account: Identifier<Account>) throws -> [APIKey] {
        try all(
            """
            SELECT id, account, name, scopes, created_at, expires_at, used_at FROM api_key
            WHERE account = ? ORDER BY id DESC
            """, [account.text], APIKey.init)
    }
}

extension APIKey {
    /// id, account, name, scopes, created_at, expires_at, used_at.
    fileprivate init(_ row: Columns) throws {
        self.init(
            id: try row.identifier(0), account: try row.identifier(1), name: row[2],
            scopes: Set(
                (row[3] as String).split(separator: ",").compactMap { Scope(rawValue: String($0)) }),
            createdAt: row.timestamp(4), expiresAt: row.optionalTimestamp(5),
            usedAt: row.optionalTimestamp(6))
    }
}
