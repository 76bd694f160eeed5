/// One sign-in on one device. Its refresh token is a function of this row (id, generation and the
/// time of the last rotation), so the same successor can be given again when an answer was lost.
public struct Session: Sendable, Identifiable {
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
        self.id = id
        self.account = account
        self.generation = generation
        self.createdAt = createdAt
        self.rotatedAt = rotatedAt
        self.userAgent = userAgent
    }
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
