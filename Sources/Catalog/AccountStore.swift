/// Accounts and their sessions. Every call is one transaction: it has happened wholly, or not.
///
/// Implementations throw `CatalogError` where a call says so, `busy` and `noSpace` from any call, and
/// their own errors for faults; no error holds an email, a name or a hash.
public protocol AccountStore {
    /// A new account with its first session. Throws `emailTaken`.
    func register(
        email: String, passwordHash: String, userAgent: String?, at now: Timestamp
    ) throws -> Session

    /// The account with this email, and its password's PHC string. Emails are alike regardless of the
    /// case of ASCII letters; of others, case tells them apart.
    func credentials(email: String) throws -> (account: Account, passwordHash: String)?

    func passwordHash(of account: Identifier<Account>) throws -> String?

    /// Another session of an existing account; nil when the account is gone.
    func openSession(
        for account: Identifier<Account>, userAgent: String?, at now: Timestamp
    ) throws -> Session?

    /// Presents the refresh token of `generation`. The current one rotates; the one before it gets
    /// the same successor for `grace` after the rotation; anything else ends the session, and that
    /// ending is kept: it is an answer, not an error.
    func rotate(
        _ session: Identifier<Session>, generation: Int, grace: Duration, at now: Timestamp
    ) throws -> Rotation

    /// The session if it has not ended: asked on every request, so one indexed read.
    func session(_ id: Identifier<Session>) throws -> Session?

    /// False when it had ended before.
    @discardableResult
    func endSession(_ id: Identifier<Session>, at now: Timestamp) throws -> Bool

    /// Every session of the account, or every one but `kept`.
    func endSessions(
        of account: Identifier<Account>, except kept: Identifier<Session>?, at now: Timestamp
    ) throws

    /// Replaces the password's hash, and ends every session but `kept`, in one transaction.
    func changePassword(
        of account: Identifier<Account>, to passwordHash: String,
        keeping kept: Identifier<Session>?, at now: Timestamp
    ) throws

    /// A stronger hash of the same password; sessions stay. Nothing happens unless `old` still is
    /// what is stored.
    func rehash(
        of account: Identifier<Account>, from old: String, to new: String
    ) throws

    /// Forgets sessions whose last rotation is older than `moment`, a batch of 500 at a time: their
    /// refresh tokens have expired. Returns how many.
    func pruneSessions(rotatedBefore moment: Timestamp) throws -> Int
}
