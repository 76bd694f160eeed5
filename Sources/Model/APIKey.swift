/// A key for a machine: it acts for its account, as far as its scopes go, until it expires or is
/// revoked. Its secret is not here: only a digest of it is kept, and only by the store.
public struct APIKey: Sendable, Identifiable {
    /// What a key may do. Managing the account itself is for people who are signed in.
    public enum Scope: String, Sendable, Codable, CaseIterable {
        case upload, read, write
    }

    public let id: Identifier<APIKey>
    public let account: Identifier<Account>
    /// Its owner's words for what it is for.
    public let name: String
    public let scopes: Set<Scope>
    public let createdAt: Timestamp
    /// Nil: until it is revoked.
    public let expiresAt: Timestamp?
    /// To the minute; nil: never yet.
    public let usedAt: Timestamp?

    public init(
        id: Identifier<APIKey>, account: Identifier<Account>, name: String, scopes: Set<Scope>,
        createdAt: Timestamp, expiresAt: Timestamp?, usedAt: Timestamp? = nil
    ) {
        (self.id, self.account, self.name, self.scopes) = (id, account, name, scopes)
        (self.createdAt, self.expiresAt, self.usedAt) = (createdAt, expiresAt, usedAt)
    }

    public func hasExpired(at now: Timestamp) -> Bool {
        expiresAt.map { $0 <= now } ?? false
    }
}
