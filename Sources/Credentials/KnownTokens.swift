/// A cache of the access tokens that one thread has verified, with their claims. A client sends the same
/// token for a quarter of an hour, and checking its signature takes longer than reading its session.
///
/// Only what never changes is cached: the times are checked at each call, and the caller checks the
/// session. The keys do not change while the process runs.
public final class KnownTokens {
    /// Half a kilobyte each. When the cache is full, all are dropped, and verified again at their next use.
    private static let limit = 64

    private let tokens: Tokens
    private var known: [String: AccessClaims] = [:]

    public init(_ tokens: Tokens) {
        self.tokens = tokens
    }

    /// - Parameter now: seconds since 1970.
    public func verify(_ token: String, at now: Int64) throws(TokenError) -> AccessClaims {
        // Our tokens are ASCII, and ASCII Strings are equal exactly if their bytes are. Other Strings are
        // not: a token with U+212A would match the cached one with a K.
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
