import Catalog
import Credentials
import Gateway

extension AuthResponder {
    /// POST /api/auth/register
    func register(_ request: Request, _: Parameters) throws -> Response {
        guard program.configuration.registration == .open else { throw Problem.registrationClosed }
        let asked = try request.json(EmailAndPassword.self)
        guard let email = EmailAddress(asked.email) else { throw Problem.invalidEmail }
        if let violation = PasswordRule.violation(asked.password, email: email.text) {
            throw Problem.weakPassword(violation)
        }
        // Before the costly hash; the insert decides between two that come at once.
        guard try catalog.credentials(email: email.text) == nil else { throw Problem.emailTaken }
        let session = try catalog.register(
            email: email.text, passwordHash: passwords.hash(asked.password),
            userAgent: request.userAgent, at: .now())
        return .json(201, SignedIn("User registered successfully", session, program.tokens))
    }

    /// POST /api/auth/login. An unknown email costs the same hash as a wrong password.
    func login(_ request: Request, _: Parameters) throws -> Response {
        let asked = try request.json(EmailAndPassword.self)
        let known = try EmailAddress(asked.email).flatMap {
            try catalog.credentials(email: $0.text)
        }
        try check(asked.password, of: asked.email, against: known?.passwordHash, for: request)
        guard let known else { throw Problem.invalidCredentials }
        if passwords.needsRehash(known.passwordHash) {
            try catalog.rehash(
                of: known.account.id, from: known.passwordHash, to: passwords.hash(asked.password))
        }
        guard
            let session = try catalog.openSession(
                for: known.account.id, userAgent: request.userAgent, at: .now())
        else { throw Problem.invalidCredentials }
        return .json(200, SignedIn("Login successful", session, program.tokens))
    }

    /// POST /api/auth/password: all other sessions end.
    func changePassword(_ request: Request, _: Parameters) throws -> Response {
        let session = try authenticator.session(of: request)
        let asked = try request.json(PasswordChange.self)
        let email = session.account.email
        try check(
            asked.currentPassword, of: email,
            against: catalog.passwordHash(of: session.account.id), for: request)
        if let violation = PasswordRule.violation(asked.newPassword, email: email) {
            throw Problem.weakPassword(violation)
        }
        try catalog.changePassword(
            of: session.account.id, to: passwords.hash(asked.newPassword), keeping: nil, at: .now())
        guard
            let fresh = try catalog.openSession(
                for: session.account.id, userAgent: request.userAgent, at: .now())
        else { throw Problem.revokedToken }
        return .json(200, SignedIn("Password changed", fresh, program.tokens))
    }
}

private struct EmailAndPassword: Decodable {
    let email: String
    let password: String
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

    init(_ message: String, _ session: Session, _ tokens: Tokens) {
        self.message = message
        userId = session.account.id
        email = session.account.email
        accessToken = tokens.access(for: session, at: .now())
        refreshToken = tokens.refresh(for: session)
    }
}

extension Request {
    /// No browser sends as much as is kept of it.
    fileprivate var userAgent: String? { header("User-Agent").map { String($0.prefix(256)) } }
}

extension Tokens {
    func access(for session: Session, at now: Timestamp) -> String {
        accessToken(
            account: session.account.id.text, email: session.account.email,
            session: session.id.text, at: now.seconds)
    }

    /// A function of the session's row: asked again, it is the same token again.
    func refresh(for session: Session) -> String {
        refreshToken(
            account: session.account.id.text, session: session.id.text,
            generation: session.generation, issuedAt: session.rotatedAt.seconds)
    }
}
