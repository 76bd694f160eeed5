import Catalog
import Credentials
import Gateway
import Synchronization

extension AuthResponder {
    /// A route that hashes a password. Half of the threads may be in one; who comes then is told at
    /// once that we are busy, so that a flood of logins leaves every other route its threads.
    static func hashing(_ handler: @escaping Route<Self>.Handler) -> Route<Self>.Handler {
        { responder in
            { request, parameters in
                defer { taken.subtract(1, ordering: .relaxed) }
                guard
                    taken.add(1, ordering: .relaxed).newValue
                        <= responder.configuration.authThreads / 2
                else { throw Problem.busy(retryAfter: 2) }
                return try handler(responder)(request, parameters)
            }
        }
    }

    /// Tries a password, as often as guessing allows. Without a `hash` there is no such account, and
    /// the answer, the time and the count of failures are those of a wrong password.
    ///
    /// Throws `invalid_credentials`, `rate_limited`, and `HashingBusy`, in which case nothing counts.
    func check(
        _ password: String, of email: String, against hash: String?, for request: Request
    ) throws {
        let attempt = loginKeys.attempt(email: email, address: request.remoteAddress)
        let throttle = configuration.loginThrottle
        let wait = try ballast.makingRoom(for: .signIn) {
            try catalog.admit(attempt, under: throttle, at: .now())
        }
        if let wait {
            throw Problem.rateLimited(retryAfter: Int((wait.wholeMilliseconds + 999) / 1000))
        }
        let isRight: Bool
        do {
            if let hash {
                isRight = try passwords.verify(password, against: hash)
            } else {
                try passwords.verifyAgainstNobody(password)
                isRight = false
            }
        } catch {
            try catalog.withdraw(attempt)
            throw error
        }
        guard isRight else { throw Problem.invalidCredentials }
        try ballast.makingRoom(for: .signIn) { try catalog.succeed(attempt, at: .now()) }
    }
}

/// Threads of this process in routes that hash.
private let taken = Atomic<Int>(0)
