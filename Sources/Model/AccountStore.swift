/// Accounts, their sessions and keys, and who may try a password. Every call is one transaction: it
/// has happened wholly, or not. An account that is being deleted does not exist any more.
///
/// Implementations throw `CatalogError` where a call says so, `busy` and `noSpace` from any call, and
/// their own errors for faults; no error holds an email, a name or a hash.
public protocol AccountStore {
    // MARK: Accounts

    /// A new account with its first session. Throws `emailTaken`.
    func register(
        email: String, passwordHash: String, userAgent: String?, at now: Timestamp
    ) throws -> Session

    /// The account with this email, and its password's PHC string. Emails are compared in their
    /// canonical form (`EmailAddress.canonical`). Two accounts that had one between them before it was
    /// compared: the older is found by every spelling but the newer's own, in any case of its ASCII
    /// letters.
    func credentials(email: String) throws -> (account: Account, passwordHash: String)?

    func passwordHash(of account: Identifier<Account>) throws -> String?

    /// Every one, the oldest first.
    func all() throws -> [Account]

    /// Whether there is any account, one that is being deleted too. An original never comes before
    /// the first account.
    func hasAccounts() throws -> Bool

    /// Replaces the password's hash, ends every session and opens one, in one transaction. Nil, with
    /// nothing changed, when the account is gone or `old` is no longer its hash: hashing takes long,
    /// and what the caller verified may have been replaced meanwhile. Keys stay; the answer has them,
    /// as they were in that transaction.
    func changePassword(
        of account: Identifier<Account>, from old: String, to passwordHash: String,
        userAgent: String?, at now: Timestamp
    ) throws -> (session: Session, keys: [APIKey])?

    /// Replaces the password's hash whatever it was, ends every session, and revokes every key if
    /// `revokingKeys`. The keys that the account had, or nil when the account is gone.
    func setPassword(
        of account: Identifier<Account>, to passwordHash: String, revokingKeys: Bool,
        at now: Timestamp
    ) throws -> [APIKey]?

    /// Takes effect with the next upload; what is held already stays. False when the account is gone.
    func setQuota(of account: Identifier<Account>, to exception: QuotaException) throws -> Bool

    /// First step of a deletion: from now on the account is hidden, its sessions and keys are gone,
    /// its images hidden and their jobs cancelled; its email is free again. False when it is not
    /// there, or when `hash` is not nil and no longer its password's.
    func beginDeletion(
        of account: Identifier<Account>, verified hash: String?, at now: Timestamp
    ) throws -> Bool

    /// Accounts between the two steps: this process's own, and what a crash left.
    func unfinishedAccountDeletions() throws -> [Identifier<Account>]

    /// Last step, once `finishDeletion` of its images has been called for each of them: the row goes.
    /// Nothing happens unless the deletion has begun and no image is left.
    func finishDeletion(of account: Identifier<Account>) throws

    // MARK: Sessions

    /// Another session of an existing account. Nil, with nothing changed, when the account is gone or
    /// `hash`, which the caller verified a password against, is no longer the account's.
    ///
    /// - Parameter rehashed: a new hash of the same password, stored in place of `hash`.
    func openSession(
        for account: Identifier<Account>, verified hash: String, rehashed: String?,
        userAgent: String?, at now: Timestamp
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

    /// The same for a session of `account` alone: another's is not there.
    @discardableResult
    func endSession(
        _ id: Identifier<Session>, of account: Identifier<Account>, at now: Timestamp
    ) throws -> Bool

    /// Every session of the account, or every one but `kept`.
    func endSessions(
        of account: Identifier<Account>, except kept: Identifier<Session>?, at now: Timestamp
    ) throws

    /// Those that have not ended and were last rotated at `moment` or later, the one used last first.
    /// At most `limit`, beginning behind `last`, where given.
    func sessions(
        of account: Identifier<Account>, rotatedSince moment: Timestamp, after last: SessionPlace?,
        limit: Int
    ) throws -> [Session]

    /// Forgets sessions whose last rotation is older than `moment`, a batch of 500 at a time: their
    /// refresh tokens have expired. Returns how many.
    func pruneSessions(rotatedBefore moment: Timestamp) throws -> Int

    // MARK: Keys

    /// Keeps a new key by its digest. Throws `tooManyKeys` when the account has `limit` already; false
    /// when the account is gone, or the session that asks for it has ended: no key may appear after
    /// the list that a password change answers.
    func add(
        _ key: APIKey, digest: [UInt8], limit: Int, by session: Identifier<Session>?
    ) throws -> Bool

    /// The key with this digest, whether it has expired or not, and its account: asked on every
    /// request, so one indexed read.
    func key(digest: [UInt8]) throws -> (key: APIKey, account: Account)?

    /// The newest first; expired ones too.
    func keys(of account: Identifier<Account>) throws -> [APIKey]

    /// Remembers that the key was used.
    func use(_ key: Identifier<APIKey>, at now: Timestamp) throws

    /// False when the account has no such key.
    func revoke(_ key: Identifier<APIKey>, of account: Identifier<Account>) throws -> Bool

    // MARK: Trying passwords

    /// Nil: the password may be tried now. It then counts as wrong until `succeed` or `withdraw` says
    /// otherwise, so that a hundred tries at once do not pass as one. Otherwise how long to wait;
    /// a refused try counts for nothing, and costs one indexed read.
    func admit(
        _ attempt: LoginAttempt, under throttle: LoginThrottle, at now: Timestamp
    ) throws -> Duration?

    /// What `admit` would answer, without counting anything.
    func wait(of attempt: LoginAttempt, at now: Timestamp) throws -> Duration?

    /// The password was right: the pair starts again, and from now on tries at this account from this
    /// address wait neither for what others do to the account nor for what the address did to others.
    /// That itself stays, for else whoever has an account of his own could wipe it out.
    func succeed(
        _ attempt: LoginAttempt, under throttle: LoginThrottle, at now: Timestamp
    ) throws

    /// The password was not tried after all.
    func withdraw(_ attempt: LoginAttempt, under throttle: LoginThrottle) throws

    /// Whether the attempt's device is known, or its address signed in to its account before.
    func isKnown(_ attempt: LoginAttempt) throws -> Bool

    /// Forgets attempts that make no difference any more, a batch of 500 at a time. Returns how many.
    func pruneAttempts(at now: Timestamp) throws -> Int
}
