/// One sign-in on one device. Its refresh token is a function of this row (id, generation and the
/// time of the last rotation), so the same successor can be given again when an answer was lost.
public struct Session: Sendable, Identifiable {
    /// Sessions that one account may have at once; the one used longest ago ends when another opens.
    /// More than one person has devices, and a list that is one page.
    public static let mostPerAccount = 100
    /// Bytes kept of a User-Agent: those of browsers have 80 to 150.
    public static let userAgentBytes = 200

    public let id: Identifier<Session>
    public let account: Account
    /// Counts rotations, from 0. A refresh token names the generation it was made for.
    public let generation: Int
    public let createdAt: Timestamp
    /// When the current generation began: its refresh token's `iat`. A client in use refreshes as often
    /// as its access tokens expire, so this also tells, to within that time and without a write more,
    /// when the session was last used.
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

/// A session's place in the list of its account's: the one used last comes first.
public struct SessionPlace: Hashable, Sendable {
    public let rotatedAt: Timestamp
    public let id: Identifier<Session>

    public init(_ session: Session) {
        (rotatedAt, id) = (session.rotatedAt, session.id)
    }

    /// As `text` writes it; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]),
            let id = Identifier<Session>(String(parts[1]))
        else { return nil }
        (rotatedAt, self.id) = (Timestamp(milliseconds: milliseconds), id)
    }

    public var text: String { "\(rotatedAt.milliseconds).\(id.text)" }
}

/// What became of a presented refresh token (RFC 9700, section 4.14.2).
public enum Rotation: Sendable {
    /// The session as it now stands: rotated, or, within the grace, the same successor once more.
    case current(Session)
    /// An old token came back: somebody else may hold it. The session has been ended.
    case reused
    /// There is no such session, or it had ended before.
    case ended
}
