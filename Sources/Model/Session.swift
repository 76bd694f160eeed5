/// One sign-in on one device. Its refresh token is computed from this row (id, generation and the time of
/// the last rotation), so the same successor can be sent again when a response was lost.
public struct Session: Sendable, Identifiable {
    /// Sessions that one account may have at once; when another is opened, the one that was rotated longest
    /// ago ends. More than the devices of one person, and few enough for one page of a list.
    public static let maxPerAccount = 100
    /// Bytes of a User-Agent that are stored; browsers send 80 to 150.
    public static let userAgentBytes = 200

    public let id: Identifier<Session>
    public let account: Account
    /// Counts rotations, from 0. A refresh token contains the generation it was made for.
    public let generation: Int
    public let createdAt: Timestamp
    /// When the current generation began: the `iat` of its refresh token. An active client refreshes whenever
    /// its access token has expired, so this also shows, to within that time and without another write, when
    /// the session was last used.
    public let rotatedAt: Timestamp
    public let userAgent: String?

    public init(
        id: Identifier<Session>, account: Account, generation: Int, createdAt: Timestamp,
        rotatedAt: Timestamp, userAgent: String?
    ) {
        (self.id, self.account, self.generation) = (id, account, generation)
        (self.createdAt, self.rotatedAt, self.userAgent) = (createdAt, rotatedAt, userAgent)
    }
}

/// A session's position in its account's list, which begins with the most recent rotation.
public struct SessionPlace: Hashable, Sendable {
    public let rotatedAt: Timestamp
    public let id: Identifier<Session>

    public init(_ session: Session) {
        (rotatedAt, id) = (session.rotatedAt, session.id)
    }

    /// Reads what `text` writes; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]),
            let id = Identifier<Session>(String(parts[1]))
        else { return nil }
        (rotatedAt, self.id) = (Timestamp(milliseconds: milliseconds), id)
    }

    public var text: String { "\(rotatedAt.milliseconds).\(id.text)" }
}

/// The result of presenting a refresh token (RFC 9700, section 4.14.2).
public enum Rotation: Sendable {
    /// The session as it is now: rotated, or, within the grace time, unchanged, so that the client gets the
    /// same successor again.
    case current(Session)
    /// An old token was presented, so another party may have it. The session has been ended.
    case reused
    /// The session does not exist, or had already ended.
    case ended
}
