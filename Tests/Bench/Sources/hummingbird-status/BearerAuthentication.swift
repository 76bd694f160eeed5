import Foundation
import Hummingbird
import JWTKit

/// The claims of Multires' access tokens.
struct AccessToken: JWTPayload {
    let iss: IssuerClaim
    let sub: SubjectClaim
    let email: String
    let sid: String
    let jti: IDClaim
    let iat: IssuedAtClaim
    let exp: ExpirationClaim

    func verify(using _: some JWTAlgorithm) throws {
        try exp.verifyNotExpired()
    }
}

/// Who is asking travels with the request.
struct StatusContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    var account: String?

    init(source: Source) {
        coreContext = .init(source: source)
    }
}

/// Lets pass who has a token of a session that is alive, asked of the database each time.
struct BearerAuthentication: RouterMiddleware {
    let keys: JWTKeyCollection
    let catalog: Catalog

    func handle(
        _ request: Request, context: StatusContext,
        next: (Request, StatusContext) async throws -> Response
    ) async throws -> Response {
        guard let header = request.headers[.authorization], header.hasPrefix("Bearer ") else {
            throw Self.unauthorized("A token is missing.")
        }
        let token: AccessToken
        do {
            token = try await keys.verify(String(header.dropFirst(7)))
        } catch {
            throw Self.unauthorized("The token is not valid.")
        }
        guard let account = try catalog.account(ofSession: token.sid),
            account == token.sub.value
        else { throw Self.unauthorized("The session has ended.") }
        var context = context
        context.account = account
        return try await next(request, context)
    }

    private static func unauthorized(_ sentence: String) -> HTTPError {
        HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Bearer"], message: sentence)
    }
}
