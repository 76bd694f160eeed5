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

/// The context of a request, with the authenticated account.
struct StatusContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    var account: String?

    init(source: Source) {
        coreContext = .init(source: source)
    }
}

/// Accepts requests with a token of an active session, which is looked up in the database each time.
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
