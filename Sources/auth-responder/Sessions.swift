import API
import Credentials
import Gateway
import Model
import Text

extension AuthResponder {
    /// POST /api/auth/refresh: every use replaces the refresh token (RFC 9700, section 4.14.2).
    func refresh(_ request: Request, _: Parameters) throws -> Response {
        let (id, generation) = try presented(request)
        let rotation = try reservedSpace.withReservedSpace(for: .signIn) {
            try catalog.accounts.rotate(
                id, generation: generation, grace: program.configuration.refreshGrace, at: .now())
        }
        // After `reused` the session has ended, which stays so although this request is refused.
        guard case .current(let session) = rotation else { throw Problem.revokedToken }
        return .json(
            200,
            Refreshed(
                accessToken: program.tokens.access(for: session, at: .now()),
                refreshToken: program.tokens.refresh(for: session)))
    }

    /// POST /api/auth/logout: the session's access tokens stop working at once, too.
    func logout(_ request: Request, _: Parameters) throws -> Response {
        let (id, _) = try presented(request)
        try reservedSpace.withReservedSpace(for: .removal) {
            _ = try catalog.accounts.endSession(id, at: .now())
        }
        return .empty(204)
    }

    /// POST /api/auth/logout-all
    func logoutAll(_ request: Request, _: Parameters) throws -> Response {
        let session = try authenticator.session(of: request)
        try reservedSpace.withReservedSpace(for: .removal) {
            try catalog.accounts.endSessions(of: session.account.id, except: nil, at: .now())
        }
        return .empty(204)
    }

    /// GET /api/auth/sessions: the account's sessions, the most recently used first.
    func sessions(_ request: Request, _: Parameters) throws -> Response {
        let current = try authenticator.session(of: request)
        let last = try request.query("cursor").map { text in
            guard let place = SessionPlace(text) else {
                throw Problem.invalidValue(
                    "cursor", text, "is not the nextCursor of an earlier page.")
            }
            return place
        }
        // One more than a page, to know whether another page follows.
        let found = try catalog.accounts.sessions(
            of: current.account.id, rotatedSince: .now() - configuration.refreshLifetime,
            after: last, limit: Self.sessionsPerPage + 1)
        let page = found.prefix(Self.sessionsPerPage)
        return .json(
            200,
            SessionPage(
                sessions: page.map { SessionEntry($0, isCurrent: $0.id == current.id) },
                nextCursor: found.count > page.count
                    ? page.last.map { SessionPlace($0).text } : nil))
    }

    /// As many as an account may have at once. There may be more from before that limit existed.
    private static let sessionsPerPage = Session.maxPerAccount

    /// DELETE /api/auth/sessions/:id: ends it, as its own logout does.
    func endSession(_ request: Request, _ parameters: Parameters) throws -> Response {
        let account = try authenticator.session(of: request).account
        guard let id = Identifier<Session>(parameters["id"]),
            try reservedSpace.withReservedSpace(
                for: .removal, { try catalog.accounts.endSession(id, of: account.id, at: .now()) })
        else { throw Problem.notFound }
        return .empty(204)
    }

    /// The session and generation that the refresh token in the body names. Checks the token's signature and
    /// expiry, but not whether the session still exists.
    private func presented(_ request: Request) throws -> (Identifier<Session>, generation: Int) {
        let asked = try request.json(RefreshToken.self)
        do {
            let claims = try program.tokens.verifyRefresh(
                asked.refreshToken, at: Timestamp.now().seconds)
            guard let id = Identifier<Session>(claims.session) else { throw Problem.invalidToken }
            return (id, claims.generation)
        } catch TokenError.expired {
            throw Problem.expiredToken
        } catch TokenError.invalid {
            throw Problem.invalidToken
        }
    }
}

private struct RefreshToken: Decodable {
    let refreshToken: String
}

private struct Refreshed: Encodable {
    let message = "Tokens refreshed"
    let accessToken: String
    let refreshToken: String
}

private struct SessionPage: Encodable {
    let sessions: [SessionEntry]
    @Nullable var nextCursor: String?
}

private struct SessionEntry: Encodable {
    let id: Identifier<Session>
    let createdAt: Timestamp
    /// The last refresh. The last use was at most an access token's lifetime later.
    let rotatedAt: Timestamp
    @Nullable var userAgent: String?
    let current: Bool

    init(_ session: Session, isCurrent: Bool) {
        id = session.id
        createdAt = session.createdAt
        rotatedAt = session.rotatedAt
        current = isCurrent
        _userAgent = Nullable(
            wrappedValue: session.userAgent.map { String($0.prefix(bytes: Session.userAgentBytes)) }
        )
    }
}
