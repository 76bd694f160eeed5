import API
import Credentials
import Gateway
import Media
import Model
import Operations
import Service
import Settings

/// Accounts and tokens. One instance per thread.
struct AuthResponder: ServiceResponder {
    static let routes: Routes<AuthResponder> = [
        Route(.post, "/api/auth/register", register),
        Route(.post, "/api/auth/login", login),
        Route(.post, "/api/auth/refresh", refresh),
        Route(.post, "/api/auth/verify", verify),
        Route(.post, "/api/auth/logout", logout),
        Route(.post, "/api/auth/logout-all", logoutAll),
        Route(.get, "/api/auth/sessions", sessions),
        Route(.delete, "/api/auth/sessions/:id", endSession),
        Route(.get, "/api/auth/me", me),
        Route(.delete, "/api/auth/me", deleteAccount),
        Route(.post, "/api/auth/password", changePassword),
        Route(.post, "/api/auth/keys", makeKey),
        Route(.get, "/api/auth/keys", keys),
        Route(.delete, "/api/auth/keys/:id", revokeKey),
        Route(.get, "/api/auth/check", check),
        Route(.get, "/api/auth/health", health),
    ]

    let context: ResponderContext
    let passwords: Passwords
    private let turns: HashTurns
    private let slots: HashSlots
    let loginKeys: LoginKeys
    /// By which guesses are counted; tests let it pass.
    var clock: () -> Timestamp = { .now() }

    var ballast: Ballast { operations.ballast }

    init(_ program: Program) throws {
        context = try ResponderContext(program)
        slots = HashSlots(
            folder: program.configuration.folders.run, count: program.configuration.hashSlots,
            patience: program.configuration.hashPatience)
        passwords = Passwords(
            scrypt: try Scrypt(setting: program.configuration.scrypt), slots: slots)
        turns = Self.sharedTurns(program.configuration)
        loginKeys = LoginKeys(program.secrets)
    }

    /// Who may try a password, or hash a new one: in plain CGI one of each address at a time, so no more
    /// tries are counted before they are verified than `sharedTurns` allows. Throws `HashingBusy`.
    func withTurn<Result>(_ claim: HashClaim, _ body: () throws -> Result) throws -> Result {
        try program.isCGI ? slots.withTurn(claim, body) : turns.withTurn(claim, body)
    }
}
