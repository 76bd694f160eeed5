import Catalog
import Credentials
import Gateway
import SQLiteCatalog
import Service

/// Accounts and tokens. One instance per thread.
struct AuthResponder: Responder {
    static let routes: [Route<AuthResponder>] = [
        Route(.post, "/api/auth/register", register),
        Route(.post, "/api/auth/login", login),
        Route(.post, "/api/auth/refresh", refresh),
        Route(.post, "/api/auth/verify", verify),
        Route(.post, "/api/auth/logout", logout),
        Route(.post, "/api/auth/logout-all", logoutAll),
        Route(.get, "/api/auth/me", me),
        Route(.post, "/api/auth/password", changePassword),
        Route(.get, "/api/auth/health", health),
    ]

    let program: Program
    let catalog: SQLiteCatalog
    let passwords: Passwords
    let authenticator: Authenticator

    init(_ program: Program) throws {
        self.program = program
        catalog = try program.openCatalog()
        passwords = try Passwords(
            program.configuration.scrypt, slots: program.configuration.hashSlots,
            in: program.configuration.folders.run)
        authenticator = Authenticator(tokens: program.tokens, accounts: catalog)
    }

    func respond(to request: Request) throws -> Response {
        try Self.routes.respond(to: request, with: self)
    }
}
