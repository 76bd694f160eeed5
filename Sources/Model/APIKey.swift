/// A key with which a program acts for an account, within the key's scopes, until the key expires or is
/// revoked. Its secret is not part of this type: only the store has it, as a digest.
public struct APIKey: Sendable, Identifiable {
    /// What a key may do. No scope permits managing the account itself: that needs a session.
    public enum Scope: String, Sendable, Codable, CaseIterable {
        case upload, read, write
    }

    public let id: Identifier<APIKey>
    public let account: Identifier<Account>
    /// The owner's description of what it is for.
    public let name: String
    public let scopes: Set<Scope>
    public let createdAt: Timestamp
    /// Nil: it does not expire.
    public let expiresAt: Timestamp?
    /// Exact to the minute; nil: not used yet.
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
