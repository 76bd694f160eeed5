import Cryptography

/// Why a token was refused.
public enum TokenError: Error {
    /// It was not issued here, has the wrong type, or its `nbf` is in the future.
    case invalid
    /// It was issued here, and has expired.
    case expired
}

/// The claims of an access token (RFC 9068). Whether its session still exists is in the catalog.
public struct AccessClaims: Sendable {
    public let account: String
    public let email: String
    public let session: String
    /// Its `nbf`, or 0. Seconds since 1970.
    public let validFrom: Int64
    /// Seconds since 1970.
    public let expiresAt: Int64

    /// Checks the times by RFC 7519, sections 4.1.4 to 4.1.6. Clocks may differ by up to half a minute.
    ///
    /// - Parameter now: seconds since 1970.
    public func checkTime(at now: Int64) throws(TokenError) {
        try Tokens.checkTime(from: validFrom, to: expiresAt, at: now)
    }
}

/// The claims of a refresh token.
public struct RefreshClaims: Sendable {
    public let account: String
    public let session: String
    public let generation: Int
}

/// Issues and verifies access, refresh and device tokens, which are JWTs (RFC 7519). Each kind has its own
/// set of keys, type (`at+jwt`, `rt+jwt`, `dt+jwt`) and audience, so that none is accepted as another.
public struct Tokens: Sendable {
    private let access: SignedToken
    private let refresh: SignedToken
    private let device: SignedToken
    private let accessSeconds: Int64
    private let refreshSeconds: Int64

    /// How much clocks may differ, and so how long a token is accepted after its `exp`, in seconds.
    private static let skew: Int64 = 30
    private static let issuer = "multires"
    private static let accessAudience = "multires-api"
    private static let refreshAudience = "multires-auth"
    private static let deviceAudience = "multires-device"
    /// One year: how long a device stays known without a sign-in.
    private static let deviceSeconds: Int64 = 365 * 86400

    public init(
        access: SigningKeys, refresh: SigningKeys, accessLifetime: Duration,
        refreshLifetime: Duration
    ) {
        self.access = SignedToken(type: "at+jwt", keys: access)
        self.refresh = SignedToken(type: "rt+jwt", keys: refresh)
        device = SignedToken(
            type: "dt+jwt", keys: refresh.derived(for: "multires device tokens"))
        accessSeconds = accessLifetime.components.seconds
        refreshSeconds = refreshLifetime.components.seconds
    }

    /// - Parameter now: seconds since 1970.
    public func accessToken(
        account: String, email: String, session: String, at now: Int64
    ) -> String {
        access.sign([
            "iss": .text(Self.issuer), "aud": .text(Self.accessAudience), "sub": .text(account),
            "email": .text(email), "sid": .text(session),
            "jti": .text(SecureRandom.text(bytes: 16)), "iat": .number(now),
            "exp": .number(now + accessSeconds),
        ])
    }

    /// The same arguments give the same token, so that a successor can be sent again if a response was lost.
    ///
    /// - Parameter issuedAt: when the generation began, in seconds since 1970.
    public func refreshToken(
        account: String, session: String, generation: Int, issuedAt: Int64
    ) -> String {
        refresh.sign([
            "iss": .text(Self.issuer), "aud": .text(Self.refreshAudience), "sub": .text(account),
            "sid": .text(session), "gen": .number(Int64(generation)),
            "jti": .text("\(session).\(generation)"), "iat": .number(issuedAt),
            "exp": .number(issuedAt + refreshSeconds),
        ])
    }

    public func verifyAccess(
        _ token: String, at now: Int64
    ) throws(TokenError) -> AccessClaims {
        try Self.open(token, as: access, for: Self.accessAudience, at: now) { claims, from, to in
            guard let account = claims.text("sub"), let email = claims.text("email"),
                let session = claims.text("sid")
            else { return nil }
            return AccessClaims(
                account: account, email: email, session: session, validFrom: from, expiresAt: to)
        }
    }

    public func verifyRefresh(
        _ token: String, at now: Int64
    ) throws(TokenError) -> RefreshClaims {
        try Self.open(token, as: refresh, for: Self.refreshAudience, at: now) { claims, _, _ in
            guard let account = claims.text("sub"), let session = claims.text("sid"),
                let generation = claims.number("gen")
            else { return nil }
            return RefreshClaims(account: account, session: session, generation: Int(generation))
        }
    }

    /// A token that marks a device from which the account was signed in to. It gives no access.
    ///
    /// - Parameter device: the id from the token that the device sent; nil for a new device.
    public func deviceToken(account: String, device: String?, at now: Int64) -> String {
        self.device.sign([
            "iss": .text(Self.issuer), "aud": .text(Self.deviceAudience), "sub": .text(account),
            "did": .text(device ?? SecureRandom.text(bytes: 16)), "iat": .number(now),
            "exp": .number(now + Self.deviceSeconds),
        ])
    }

    /// The device's id; nil unless the token is valid for this account.
    public func device(of token: String, account: String, at now: Int64) -> String? {
        try? Self.open(token, as: self.device, for: Self.deviceAudience, at: now) { claims, _, _ in
            claims.text("sub") == account ? claims.text("did") : nil
        }
    }

    /// RFC 7519, sections 4.1.1 to 4.1.6. Our tokens have no `nbf`, but one is respected. An `iat` in the
    /// future means that a clock was set back. That is not a reason to refuse the token (RFC 7519 gives it no
    /// such meaning), and `exp` still applies.
    ///
    /// - Parameter read: returns the caller's result from the claims, or nil if one is missing. It receives
    ///   the times from which and until which the token is valid, in seconds since 1970.
    private static func open<Claims>(
        _ token: String, as type: SignedToken, for audience: String, at now: Int64,
        _ read: (_ claims: FlatJSON, _ validFrom: Int64, _ expiresAt: Int64) -> Claims?
    ) throws(TokenError) -> Claims {
        guard let claims = type.open(token), claims.text("iss") == issuer,
            claims.text("aud") == audience, let issuedAt = claims.number("iat"),
            let expiresAt = claims.number("exp"), issuedAt < expiresAt
        else { throw .invalid }
        var validFrom: Int64 = 0
        if claims.members["nbf"] != nil {
            guard let notBefore = claims.number("nbf") else { throw .invalid }
            validFrom = notBefore
        }
        try checkTime(from: validFrom, to: expiresAt, at: now)
        guard let read = read(claims, validFrom, expiresAt) else { throw .invalid }
        return read
    }

    fileprivate static func checkTime(
        from validFrom: Int64, to expiresAt: Int64, at now: Int64
    ) throws(TokenError) {
        guard validFrom <= now + skew else { throw .invalid }
        guard now < expiresAt + skew else { throw .expired }
    }
}
