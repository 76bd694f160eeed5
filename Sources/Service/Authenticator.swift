import API
import Credentials
import Gateway
import Model
import Text

/// Who is asking: a person by the access token of a session, or a machine by an API key. For one
/// thread.
public struct Authenticator {
    /// A key's last use is kept this exactly, for one write in as long.
    private static let useInterval = Duration.seconds(60)

    private let tokens: KnownTokens
    private let accounts: any AccountStore

    public init(tokens: Tokens, accounts: any AccountStore) {
        self.tokens = KnownTokens(tokens)
        self.accounts = accounts
    }

    /// The account behind the request's bearer token (RFC 6750, 2.1): a session's, which may do
    /// everything, or that of a key with this scope. Asked of the store each time, so a sign-out or a
    /// revocation works at once.
    /// Throws the contract's `missing_token`, `invalid_token`, `expired_token`, `revoked_token`, and
    /// `forbidden` for a key without the scope.
    public func account(of request: Request, for scope: APIKey.Scope) throws -> Account {
        guard let token = request.bearerToken else { throw Problem.missingToken }
        guard token.starts(withBytes: APIKey.prefix) else {
            return try session(ofToken: token).session.account
        }
        let (key, account) = try key(ofText: token)
        guard key.scopes.contains(scope) else {
            throw Problem.forbidden.saying("This key lacks the scope \(scope.rawValue).")
        }
        return account
    }

    /// The session behind the request's bearer token, for what only a person who is signed in may do.
    /// Throws as `account` does; `forbidden` for any key.
    public func session(of request: Request) throws -> Session {
        guard let token = request.bearerToken else { throw Problem.missingToken }
        guard token.starts(withBytes: APIKey.prefix) else {
            return try session(ofToken: token).session
        }
        _ = try key(ofText: token)
        throw Problem.forbidden.saying("This needs a sign-in; a key is not enough.")
    }

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
        guard let id = Identifier<Session>(claims.session),
            let session = try accounts.session(id), session.account.id.text == claims.account
        else { throw Problem.revokedToken }
        return (session, Timestamp(milliseconds: claims.expiresAt * 1000))
    }

    private func key(ofText text: String) throws -> (APIKey, Account) {
        guard let digest = APIKey.digest(of: text) else {
            throw Problem.invalidToken.saying("The key has a typo, or is not a whole one.")
        }
        guard let (key, account) = try accounts.key(digest: digest) else {
            throw Problem.revokedToken.saying("The key was revoked.")
        }
        let now = Timestamp.now()
        guard !key.hasExpired(at: now) else {
            throw Problem.expiredToken.saying("The key has expired.")
        }
        if key.usedAt.map({ $0 < now - Self.useInterval }) ?? true {
            // Without it the key is as good: a disk that is full must not keep anyone from reading.
            do { try accounts.use(key.id, at: now) } catch is CatalogError {}
        }
        return (key, account)
    }
}
