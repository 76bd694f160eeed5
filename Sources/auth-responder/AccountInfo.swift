import API
import Gateway
import Model

extension AuthResponder {
    /// POST /api/auth/verify, with the token in the body or as `Authorization`.
    func verify(_ request: Request, _: Parameters) throws -> Response {
        do {
            let body = try request.optionalJSON(VerifyRequest.self)
            guard let token = body?.token ?? request.bearerToken else { throw Problem.missingToken }
            let (session, expiresAt) = try authenticator.session(ofToken: token)
            return .json(
                200,
                Verified(
                    userId: session.account.id, email: session.account.email, expiresAt: expiresAt))
        } catch let problem as Problem where problem.status == 401 {
            throw problem.adding("valid", false)
        }
    }

    /// GET /api/auth/me
    func me(_ request: Request, _: Parameters) throws -> Response {
        let account = try authenticator.session(of: request).account
        return .json(
            200,
            Me(
                userId: account.id, email: account.email, createdAt: account.createdAt,
                usage: account.usage, quota: account.quota(program.configuration.quota)))
    }

    /// GET /api/auth/health
    func health(_ request: Request, _: Parameters) throws -> Response {
        do {
            // Shows that the database answers: one indexed read, of a session that does not exist.
            _ = try catalog.accounts.session(Identifier())
        } catch {
            throw unhealthy("database", because: "\(error)", request)
        }
        return .json(200, ["status": "ok", "database": "ok"])
    }
}

private struct VerifyRequest: Decodable {
    let token: String?
}

private struct Verified: Encodable {
    let valid = true
    let userId: Identifier<Account>
    let email: String
    let expiresAt: Timestamp
}

private struct Me: Encodable {
    let userId: Identifier<Account>
    let email: String
    let createdAt: Timestamp
    let usage: Usage
    let quota: Usage
}
