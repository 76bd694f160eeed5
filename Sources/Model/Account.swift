/// A user's account. It does not contain the password hash: see `AccountStore.credentials`.
public struct Account: Sendable, Identifiable {
    public let id: Identifier<Account>
    /// Trimmed, at most 254 bytes, domain in lower case; unique regardless of case.
    public let email: String
    public let createdAt: Timestamp
    public let usage: Usage
    /// The account's own quota, where it differs from the settings.
    public let quotaOverride: QuotaOverride

    public init(
        id: Identifier<Account>, email: String, createdAt: Timestamp, usage: Usage,
        quotaOverride: QuotaOverride = QuotaOverride()
    ) {
        (self.id, self.email, self.createdAt) = (id, email, createdAt)
        (self.usage, self.quotaOverride) = (usage, quotaOverride)
    }

    /// The quota that applies to the account.
    ///
    /// - Parameter standard: the quota in the settings.
    public func quota(_ standard: Usage) -> Usage {
        Usage(
            images: quotaOverride.images ?? standard.images,
            bytes: quotaOverride.bytes ?? standard.bytes)
    }
}

/// An account's own quota. Nil: the quota in the settings applies.
public struct QuotaOverride: Hashable, Sendable {
    public var images: Int?
    public var bytes: Int64?

    public init(images: Int? = nil, bytes: Int64? = nil) {
        self.images = images
        self.bytes = bytes
    }
}

/// What an account uses, or may use (a quota). Only originals count, not their variants, so that a client
/// knows what an upload will use before sending it.
public struct Usage: Hashable, Sendable, Codable {
    public var images: Int
    public var bytes: Int64

    public init(images: Int, bytes: Int64) {
        self.images = images
        self.bytes = bytes
    }
}
