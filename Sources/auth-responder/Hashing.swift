import API
import Credentials
import Gateway
import Model
import Settings
import Synchronization

extension AuthResponder {
    /// What a correct password was verified against.
    struct VerifiedPassword {
        let account: Account
        let hash: String
        /// Whether `hash` has other parameters, or another form of the password, than new hashes have.
        let isOutdated: Bool
        /// The id of the device, if the request has a valid device token of this account.
        let device: String?
        let attempt: LoginAttempt
    }

    /// Verifies a password, within the limits on guessing, and calls `body` with what it was verified
    /// against. Hashing takes long, so the stored hash may be replaced meanwhile: `body` compares it in its
    /// transaction and returns nil when it has changed. The password is then verified against the new hash.
    ///
    /// Without an account, the response, the time it takes and the count of failures are those of a wrong
    /// password, so that a client cannot find out which emails have accounts.
    ///
    /// Throws `invalid_credentials`, `rate_limited`, and `HashingBusy`, after which the attempt does not
    /// count.
    ///
    /// - Parameters:
    ///   - problem: the response to a wrong password; its code is `invalid_credentials`.
    ///   - stored: reads the account and its present hash; nil when there is none.
    ///   - recordsSuccess: false when the caller withdraws the attempt itself, after other work; it counts as
    ///     a failure until then.
    func verifying<Result>(
        _ password: String, of email: String, deviceToken: String? = nil, for request: Request,
        answering problem: Problem = .invalidCredentials,
        against stored: () throws -> (account: Account, passwordHash: String)?,
        recordsSuccess: Bool = true,
        _ body: (VerifiedPassword) throws -> Result?
    ) throws -> Result {
        // Three times: a change of the password may replace the hash, and a sign-in may hash it again.
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
            // Before the wait for a turn, so that a client that must wait takes no place in that queue.
            if let wait = try catalog.accounts.wait(of: attempt, at: clock()) {
                throw tooEarly(wait)
            }
            let claim = HashClaim(
                address: attempt.address, isKnown: try catalog.accounts.isKnown(attempt))
            let result = try withTurn(claim) {
                try once(attempt, recordsSuccess: recordsSuccess) {
                    guard let known else {
                        try passwords.verifyAgainstDummyHash(password, for: claim)
                        throw problem
                    }
                    let match = try passwords.verify(
                        password, against: known.passwordHash, for: claim)
                    guard match != .wrong else { throw problem }
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

    /// Counts an attempt: as a failure when `body` throws `invalid_credentials`, as a sign-in when it returns
    /// a value, and otherwise not at all.
    private func once<Result>(
        _ attempt: LoginAttempt, recordsSuccess: Bool, _ body: () throws -> Result?
    ) throws -> Result? {
        let throttle = configuration.loginThrottle
        // Counted as a failure before it is verified: otherwise many attempts at once would all be admitted.
        let wait = try reservedSpace.withReservedSpace(for: .signIn) {
            try catalog.accounts.admit(attempt, under: throttle, at: clock())
        }
        if let wait { throw tooEarly(wait) }
        do {
            guard let result = try body() else {
                try catalog.accounts.withdraw(attempt, under: throttle)
                return nil
            }
            if recordsSuccess {
                // `body` has taken effect. If this write fails, the attempt counts as a failure.
                try? reservedSpace.withReservedSpace(for: .signIn) {
                    try catalog.accounts.succeed(attempt, under: throttle, at: clock())
                }
            }
            return result
        } catch let problem as Problem where problem.code == Problem.invalidCredentials.code {
            throw problem
        } catch {
            // If this write fails too, as after a failed sync, the response is about the first error.
            try? catalog.accounts.withdraw(attempt, under: throttle)
            throw error
        }
    }

    private func tooEarly(_ wait: Duration) -> Problem {
        .rateLimited(retryAfter: Int((wait.wholeMilliseconds + 999) / 1000))
    }

    /// Shared by all threads of this process that use the same data folder.
    static func sharedTurns(_ configuration: Configuration) -> HashTurns {
        allTurns.withLock { all in
            let folder = configuration.folders.run
            if let turns = all[folder] { return turns }
            let turns = HashTurns(
                turns: configuration.hashSlots,
                // The other half of the threads answers requests that need no hash.
                room: configuration.authThreads / 2,
                // Attempts count as failures until they are verified. Fewer at once than the failures that
                // are allowed, so that correct passwords sent at the same time are not made to wait.
                perAddress: max(1, min(4, configuration.loginThrottle.pair - 1)),
                timeout: configuration.hashPatience)
            all[folder] = turns
            return turns
        }
    }

    private static let allTurns = Mutex<[String: HashTurns]>([:])
}
