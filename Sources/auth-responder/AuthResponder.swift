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
        Route(.post, "/api/auth/keys", createKey),
        Route(.get, "/api/auth/keys", keys),
        Route(.delete, "/api/auth/keys/:id", revokeKey),
        Route(.get, "/api/auth/check", check),
        Route(.get, "/api/auth/health", health),
    ]

    let context: ResponderContext
    let passwords: Passwords
    /// The order in which this process's threads hash passwords.
    private let turns: HashTurns
    /// Limits how many passwords all processes hash at once: each takes 128 MiB.
    private let slots: HashSlots
    let loginKeys: LoginKeys
    /// The time for counting failed sign-ins and their waits; tests advance it.
    var clock: () -> Timestamp = { .now() }

    var reservedSpace: ReservedSpace { operations.reservedSpace }

    init(_ program: Program) throws {
        context = try ResponderContext(program)
        slots = HashSlots(
            folder: program.configuration.folders.run, count: program.configuration.hashSlots,
            timeout: program.configuration.hashPatience)
        passwords = Passwords(
            scrypt: try Scrypt(setting: program.configuration.scrypt), slots: slots)
        turns = Self.sharedTurns(program.configuration)
        loginKeys = LoginKeys(program.secrets)
    }

    /// Runs `body`, which verifies or hashes a password, when it is the client's turn. In plain CGI, where
    /// each request is a process, one request of each address runs at a time, so no more attempts are counted
    /// before they are verified than `sharedTurns` allows. Throws `HashingBusy`.
    func withTurn<Result>(_ claim: HashClaim, _ body: () throws -> Result) throws -> Result {
        try program.isCGI ? slots.withTurn(claim, body) : turns.withTurn(claim, body)
    }
}
