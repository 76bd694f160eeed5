import API
import Credentials
import Gateway
import Model
import Settings
import Synchronization

extension AuthResponder {
    /// What a right password was verified against.
    struct VerifiedPassword {
        let account: Account
        let hash: String
        /// Whether `hash` is to be replaced by one of today's form.
        let isOutdated: Bool
        /// The id of the device, if the request showed a good token of this account's.
        let device: String?
        let attempt: LoginAttempt
    }

    /// Tries a password, as often as guessing allows, and does `body` with what it was verified
    /// against. Hashing takes long, so the stored hash may be replaced meanwhile: `body` compares it in
    /// its transaction and returns nil when it is another one, and the password is tried against that.
    ///
    /// Without an account the answer, the time and the count of failures are those of a wrong password.
    ///
    /// Throws `invalid_credentials`, `rate_limited`, and `HashingBusy`, in which case nothing counts.
    ///
    /// - Parameters:
    ///   - stored: the account and its present hash; nil when there is none.
    ///   - recordsSuccess: false where the caller has other things to do before that write; the try
    ///     counts as a failure until it withdraws it.
    func verifying<Result>(
        _ password: String, of email: String, deviceToken: String? = nil, for request: Request,
        against stored: () throws -> (account: Account, passwordHash: String)?,
        recordsSuccess: Bool = true,
        _ body: (VerifiedPassword) throws -> Result?
    ) throws -> Result {
        // A hash is replaced once by a change of the password, and once by a sign-in with an old one.
        for _ in 1...3 {
            let known = try stored()
            let device = known.flatMap { known in
                deviceToken.flatMap {
                    program.tokens.device(
                        of: $0, account: known.account.id.text, at: clock().seconds)
                }
            }
            let attempt = loginKeys.attempt(
                email: email, address: request.remoteAddress, device: device)
            if let wait = try catalog.accounts.wait(of: attempt, at: clock()) {
                throw tooEarly(wait)
            }
            let claim = HashClaim(
                address: attempt.address, isKnown: try catalog.accounts.isKnown(attempt))
            let result = try withTurn(claim) {
                try once(attempt, recordsSuccess: recordsSuccess) {
                    guard let known else {
                        try passwords.verifyAgainstNobody(password, for: claim)
                        throw Problem.invalidCredentials
                    }
                    let match = try passwords.verify(
                        password, against: known.passwordHash, for: claim)
                    guard match != .wrong else { throw Problem.invalidCredentials }
                    return try body(
                        VerifiedPassword(
                            account: known.account, hash: known.passwordHash,
                            isOutdated: match == .outdated, device: device, attempt: attempt))
                }
            }
            if let result { return result }
        }
        throw Problem.busy(retryAfter: 2)
    }

    /// Counts a try: as a failure when `body` throws `invalid_credentials`, as a sign-in when it
    /// returns something, and otherwise not at all.
    private func once<Result>(
        _ attempt: LoginAttempt, recordsSuccess: Bool, _ body: () throws -> Result?
    ) throws -> Result? {
        let throttle = configuration.loginThrottle
        let wait = try ballast.makingRoom(for: .signIn) {
            try catalog.accounts.admit(attempt, under: throttle, at: clock())
        }
        if let wait { throw tooEarly(wait) }
        do {
            guard let result = try body() else {
                try catalog.accounts.withdraw(attempt, under: throttle)
                return nil
            }
            if recordsSuccess {
                // What was done is done; the try counts as a failure then.
                try? ballast.makingRoom(for: .signIn) {
                    try catalog.accounts.succeed(attempt, under: throttle, at: clock())
                }
            }
            return result
        } catch let problem as Problem where problem.code == Problem.invalidCredentials.code {
            throw problem
        } catch {
            // After a failed sync nothing can be written, and the caller is told of that, not of this.
            try? catalog.accounts.withdraw(attempt, under: throttle)
            throw error
        }
    }

    private func tooEarly(_ wait: Duration) -> Problem {
        .rateLimited(retryAfter: Int((wait.wholeMilliseconds + 999) / 1000))
    }

    /// One for all threads of a process that have this data folder.
    static func sharedTurns(_ configuration: Configuration) -> HashTurns {
        allTurns.withLock { all in
            let folder = configuration.folders.run
            if let turns = all[folder] { return turns }
            let turns = HashTurns(
                turns: configuration.hashSlots, room: configuration.authThreads / 2,
                // So that as many right passwords at once as there may be wrong ones do not pass for
                // those before they are verified.
                perAddress: max(1, min(4, configuration.loginThrottle.pair - 1)),
                patience: configuration.hashPatience)
            all[folder] = turns
            return turns
        }
    }

    private static let allTurns = Mutex<[String: HashTurns]>([:])
}
