import API
import Credentials
import Gateway
import Model
import Text

/// Finds the account behind a request: a user sends the access token of a session, a program an API key.
/// For one thread.
public struct Authenticator {
    /// How exact a key's `usedAt` is. So a key that is in constant use causes one write a minute.
    private static let useInterval = Duration.seconds(60)

    private let tokens: KnownTokens
    private let accounts: any AccountStore

    public init(tokens: Tokens, accounts: any AccountStore) {
        self.tokens = KnownTokens(tokens)
        self.accounts = accounts
    }

    /// The account behind the request's bearer token (RFC 6750, section 2.1). A session may do everything;
    /// a key needs `scope`. Both are read from the store for each request, so a sign-out or a revocation
    /// takes effect at once.
    ///
    /// Throws `missing_token`, `invalid_token`, `expired_token`, `revoked_token`, and `forbidden` for a key
    /// without the scope.
    public func account(of request: Request, for scope: APIKey.Scope) throws -> Account {
        guard let token = request.bearerToken else { throw Problem.missingToken }
        guard token.starts(withBytes: APIKey.prefix) else {
            return try session(ofToken: token).session.account
        }
        let (key, account) = try key(ofText: token)
        guard key.scopes.contains(scope) else {
            throw Problem.forbidden.saying(
                "The API key does not have the scope '\(scope.rawValue)'. Use a key that has it.")
        }
        return account
    }

    /// The session behind the request's bearer token, for what only a signed-in user may do. Throws as
    /// `account` does, and `forbidden` for any key.
    public func session(of request: Request) throws -> Session {
        guard let token = request.bearerToken else { throw Problem.missingToken }
        guard token.starts(withBytes: APIKey.prefix) else {
            return try session(ofToken: token).session
        }
        // 403 is for valid keys: any other key is 401, as everywhere.
        _ = try key(ofText: token)
        throw Problem.forbidden.saying(
            "An API key cannot be used for this request. Sign in and send the access token.")
    }

    /// The session that an access token belongs to, and when the token expires. Throws `invalid_token`,
    /// `expired_token`, and `revoked_token` when the session has ended.
    public func session(
        ofToken token: String
    ) throws -> (session: Session, expiresAt: Timestamp) {
        let claims: AccessClaims
        do {
            claims = try tokens.verify(token, at: Timestamp.now().seconds)
        } catch .expired {
            throw Problem.expiredToken
        } catch .invalid {
            throw Problem.invalidToken
        }
        // The signature shows who issued the token, not that the session still exists.
        guard let id = Identifier<Session>(claims.session),
            let session = try accounts.session(id), session.account.id.text == claims.account
        else { throw Problem.revokedToken }
        return (session, Timestamp(milliseconds: claims.expiresAt * 1000))
    }

    private func key(ofText text: String) throws -> (APIKey, Account) {
        // A key contains a checksum, so a mistyped one is not reported as revoked.
        guard let digest = APIKey.digest(of: text) else {
            throw Problem.invalidToken.saying(
                "The API key is incomplete or mistyped. Check that all of it was copied.")
        }
        guard let (key, account) = try accounts.key(digest: digest) else {
            throw Problem.revokedToken.saying("The API key was revoked. Create a new one.")
        }
        let now = Timestamp.now()
        guard !key.hasExpired(at: now) else {
            throw Problem.expiredToken.saying("The API key has expired. Create a new one.")
        }
        if key.usedAt.map({ $0 < now - Self.useInterval }) ?? true {
            // Ignored when it fails: `usedAt` is for information only, and a full disk must not stop reads.
            do { try accounts.use(key.id, at: now) } catch is CatalogError {}
        }
        return (key, account)
    }
}
