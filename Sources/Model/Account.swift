/// Someone who may upload. The password's hash never travels with it.
public struct Account: Sendable, Identifiable {
    public let id: Identifier<Account>
    /// Trimmed, at most 254 bytes, domain in lower case; unique regardless of case.
    public let email: String
    public let createdAt: Timestamp
    public let usage: Usage
    /// Where it may hold another amount than the settings say.
    public let exception: QuotaException

    public init(
        id: Identifier<Account>, email: String, createdAt: Timestamp, usage: Usage,
        exception: QuotaException = QuotaException()
    ) {
        (self.id, self.email, self.createdAt) = (id, email, createdAt)
        (self.usage, self.exception) = (usage, exception)
    }

    /// - Parameter standard: the settings'.
    public func quota(_ standard: Usage) -> Usage {
        Usage(
            images: exception.images ?? standard.images, bytes: exception.bytes ?? standard.bytes)
    }
}

/// An account's own quota; nil leaves what the settings say.
public struct QuotaException: Hashable, Sendable {
    public var images: Int?
    public var bytes: Int64?

    public init(images: Int? = nil, bytes: Int64? = nil) {
        self.images = images
        self.bytes = bytes
    }
}

/// What an account holds, or may hold: originals are counted, the variants made of them are not, so
/// that what an upload will cost is known before it is sent.
public struct Usage: Hashable, Sendable, Codable {
    public var images: Int
    public var bytes: Int64

    public init(images: Int, bytes: Int64) {
        self.images = images
        self.bytes = bytes
    }
}
