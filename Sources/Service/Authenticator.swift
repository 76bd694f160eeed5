import Catalog
import Credentials
import Gateway

/// Who is asking.
public struct Authenticator {
    private let tokens: Tokens
    private let accounts: any AccountStore

    public init(tokens: Tokens, accounts: any AccountStore) {
        self.tokens = tokens
        self.accounts = accounts
    }

    /// The session behind the request's bearer token (RFC 6750, 2.1). Asked of the store each time,
    /// so a sign-out works at once and not only when the token expires.
    /// Throws the contract's `missing_token`, `invalid_token`, `expired_token`, `revoked_token`.
    public func session(of request: Request) throws -> Session {
        guard let token = request.bearerToken else { throw Problem.missingToken }
        return try session(ofToken: token).session
    }

    public func session(
        ofToken token: String
    ) throws -> (session: Session, expiresAt: Timestamp) {
        let claims: AccessClaims
        do {
            claims = try tokens.verifyAccess(token, at: Timestamp.now().seconds)
        } catch .expired {
            throw Problem.expiredToken
        } catch .invalid {
            throw Problem.invalidToken
        }
        guard let id = Identifier<Session>(claims.session),
            let session = try accounts.session(id), session.account.id.text == claims.account
        else { throw Problem.revokedToken }
        return (session, Timestamp(milliseconds: claims.expiresAt * 1000))
    }
}
