/// The access tokens that one thread has seen, with what they say. A client sends the same one for a
/// quarter of an hour, and checking its signature takes longer than looking for its session.
///
/// Only what never changes is kept: the time is compared anew, and the session asked for by whoever
/// calls. The keys stay the same as long as the process.
public final class KnownTokens {
    /// Half a kilobyte each. Beyond it all are forgotten, and checked again.
    private static let limit = 64

    private let tokens: Tokens
    private var known: [String: AccessClaims] = [:]

    public init(_ tokens: Tokens) {
        self.tokens = tokens
    }

    /// - Parameter now: seconds since 1970.
    public func verify(_ token: String, at now: Int64) throws(TokenError) -> AccessClaims {
        // Ours are ASCII, where Strings are equal exactly when their bytes are: as a key of the table,
        // a token with U+212A would pass for the one with a K.
        guard token.utf8.allSatisfy({ $0 < 0x80 }) else { throw .invalid }
        if let claims = known[token] {
            try claims.checkTime(at: now)
            return claims
        }
        let claims = try tokens.verifyAccess(token, at: now)
        if known.count == Self.limit { known = [:] }
        known[token] = claims
        return claims
    }
}
