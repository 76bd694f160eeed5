import API
import Credentials
import Gateway
import Model
import Text

extension AuthResponder {
    /// POST /api/auth/register
    func register(_ request: Request, _: Parameters) throws -> Response {
        guard program.configuration.registration == .open else { throw Problem.registrationClosed }
        let asked = try request.json(EmailAndPassword.self)
        guard let email = EmailAddress(asked.email) else { throw Problem.invalidEmail }
        if let violation = PasswordRule.violation(asked.password, email: email.text) {
            throw Problem.weakPassword(violation)
        }
        // Checked before the costly hash. Of two requests at the same time, the insert refuses one.
        guard try catalog.accounts.credentials(email: email.text) == nil else {
            throw Problem.emailTaken
        }
        // Marked as a registration, since anyone can send many: they get at most half of the hashing slots.
        let claim = HashClaim(
            address: loginKeys.attempt(email: email.text, address: request.remoteAddress).address,
            isRegistration: true)
        let session = try withTurn(claim) {
            try catalog.accounts.register(
                email: email.text, passwordHash: passwords.hash(asked.password, for: claim),
                userAgent: request.userAgent, at: .now())
        }
        return .json(
            201,
            SignedIn(
                "User registered successfully", session, program.tokens, device: nil))
    }

    /// POST /api/auth/login. An unknown email costs the same hash as a wrong password, so the time of the
    /// response does not show which emails have accounts.
    func login(_ request: Request, _: Parameters) throws -> Response {
        let asked = try request.json(EmailAndPassword.self)
        func stored() throws -> (account: Account, passwordHash: String)? {
            try EmailAddress(asked.email).flatMap {
                try catalog.accounts.credentials(email: $0.text)
            }
        }
        let (session, device) = try verifying(
            asked.password, of: asked.email, deviceToken: asked.deviceToken, for: request,
            against: stored
        ) { verified in
            // Before the transaction, which would otherwise hold the write lock while it hashes.
            let rehashed = try verified.isOutdated ? passwords.hash(asked.password) : nil
            // A user must be able to sign in on a full disk, to delete images.
            let session = try reservedSpace.withReservedSpace(for: .signIn) {
                try catalog.accounts.openSession(
                    for: verified.account.id, verified: verified.hash, rehashed: rehashed,
                    userAgent: request.userAgent, at: .now())
            }
            return session.map { ($0, verified.device) }
        }
        return .json(200, SignedIn("Login successful", session, program.tokens, device: device))
    }

    /// POST /api/auth/password: ends all other sessions. API keys stay valid, so the response lists them.
    func changePassword(_ request: Request, _: Parameters) throws -> Response {
        let session = try authenticator.session(of: request)
        let asked = try request.json(PasswordChange.self)
        let account = session.account
        let (fresh, keys) = try verifying(
            asked.currentPassword, of: account.email, for: request, answering: .wrongPassword,
            against: present(account)
        ) { verified in
            if let violation = PasswordRule.violation(asked.newPassword, email: account.email) {
                throw Problem.weakPassword(violation)
            }
            let hash = try passwords.hash(asked.newPassword)
            return try reservedSpace.withReservedSpace(for: .signIn) {
                try catalog.accounts.changePassword(
                    of: account.id, from: verified.hash, to: hash, userAgent: request.userAgent,
                    at: .now())
            }
        }
        return .json(
            200,
            Changed(
                accessToken: program.tokens.access(for: fresh, at: .now()),
                refreshToken: program.tokens.refresh(for: fresh), userId: account.id,
                email: account.email, keys: keys.map(KeyEntry.init)))
    }

    /// Reads the account's present password hash; throws `revoked_token` when the account is gone.
    func present(
        _ account: Account
    ) -> () throws -> (account: Account, passwordHash: String)? {
        {
            guard let hash = try catalog.accounts.passwordHash(of: account.id) else {
                throw Problem.revokedToken
            }
            return (account, hash)
        }
    }
}

private struct EmailAndPassword: Decodable {
    let email: String
    let password: String
    let deviceToken: String?
}

private struct PasswordChange: Decodable {
    let currentPassword: String
    let newPassword: String
}

private struct SignedIn: Encodable {
    let message: String
    let userId: Identifier<Account>
    let email: String
    let accessToken: String
    let refreshToken: String
    let deviceToken: String

    /// - Parameter device: the id of a known device; nil for a new one.
    init(_ message: String, _ session: Session, _ tokens: Tokens, device: String?) {
        self.message = message
        userId = session.account.id
        email = session.account.email
        accessToken = tokens.access(for: session, at: .now())
        refreshToken = tokens.refresh(for: session)
        deviceToken = tokens.deviceToken(
            account: session.account.id.text, device: device, at: Timestamp.now().seconds)
    }
}

private struct Changed: Encodable {
    let message = "Password changed"
    let accessToken: String
    let refreshToken: String
    let userId: Identifier<Account>
    let email: String
    let keys: [KeyEntry]
}

extension Request {
    fileprivate var userAgent: String? {
        header("User-Agent").map { String($0.prefix(bytes: Session.userAgentBytes)) }
    }
}

extension Tokens {
    func access(for session: Session, at now: Timestamp) -> String {
        accessToken(
            account: session.account.id.text, email: session.account.email,
            session: session.id.text, at: now.seconds)
    }

    /// Depends only on the session's row, so the token of a lost response can be made again.
    func refresh(for session: Session) -> String {
        refreshToken(
            account: session.account.id.text, session: session.id.text,
            generation: session.generation, issuedAt: session.rotatedAt.seconds)
    }
}
