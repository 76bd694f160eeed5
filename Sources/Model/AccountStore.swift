/// Accounts, their sessions and API keys, and the throttling of password attempts. Every call is one
/// transaction: all of it is stored, or nothing. An account whose deletion has begun counts as nonexistent.
///
/// Implementations throw the `CatalogError` that a call documents, `busy` and `noSpace` from any call,
/// `unknownOutcome` from any call that writes, and their own errors for faults. No error contains an email,
/// a name or a hash.
public protocol AccountStore {
    // MARK: Accounts

    /// Adds an account and its first session. Throws `emailTaken`.
    func register(
        email: String, passwordHash: String, userAgent: String?, at now: Timestamp
    ) throws -> Session

    /// The account with this email, and its password hash as a PHC string; nil when there is none. Emails
    /// are compared in canonical form (`EmailAddress.canonical`). Two accounts that were added before
    /// canonical forms were compared may share one: then the newer account is found only by its own
    /// spelling, regardless of the case of ASCII letters, and the older one by all other spellings.
    func credentials(email: String) throws -> (account: Account, passwordHash: String)?

    /// The PHC string; nil when the account does not exist.
    func passwordHash(of account: Identifier<Account>) throws -> String?

    /// Every account, the oldest first.
    func all() throws -> [Account]

    /// Whether there is any account, including those that are being deleted. Originals are only stored for
    /// accounts, so originals without any account are the sign of a lost catalog (`CatalogMatch`).
    func hasAccounts() throws -> Bool

    /// Replaces the password hash, ends every session and opens a new one, in one transaction. Nil, and
    /// nothing changed, when the account does not exist or `old` is no longer its hash: hashing takes long,
    /// so the hash that the caller verified may have been replaced meanwhile. Keys stay valid; the result
    /// lists them as of this transaction.
    func changePassword(
        of account: Identifier<Account>, from old: String, to passwordHash: String,
        userAgent: String?, at now: Timestamp
    ) throws -> (session: Session, keys: [APIKey])?

    /// Replaces any password hash, ends every session, and revokes every key if
    /// `revokingKeys`. Returns the keys that the account had, or nil when the account does not exist.
    func setPassword(
        of account: Identifier<Account>, to passwordHash: String, revokingKeys: Bool,
        at now: Timestamp
    ) throws -> [APIKey]?

    /// Applies from the next upload on; images that exceed the quota stay. False when the account does not
    /// exist.
    func setQuota(of account: Identifier<Account>, to quotaOverride: QuotaOverride) throws -> Bool

    /// First step of a deletion: hides the account, deletes its sessions and keys, hides its images, cancels
    /// their jobs, and frees its email. False when the account does not exist, or when `hash` is not nil and
    /// no longer the account's password hash.
    func beginDeletion(
        of account: Identifier<Account>, verified hash: String?, at now: Timestamp
    ) throws -> Bool

    /// Accounts between the two steps: deletions in progress, and deletions that a crash interrupted.
    func unfinishedAccountDeletions() throws -> [Identifier<Account>]

    /// Last step, after `ImageStore.finishDeletion` was called for each of its images: deletes the row. Does
    /// nothing unless the deletion has begun and no image is left.
    func finishDeletion(of account: Identifier<Account>) throws

    // MARK: Sessions

    /// Opens another session of an account. Nil, and nothing changed, when the account does not exist or
    /// `hash`, which the caller verified a password against, is no longer the account's.
    ///
    /// - Parameter rehashed: a new hash of the same password, to store in place of `hash`; nil keeps `hash`.
    func openSession(
        for account: Identifier<Account>, verified hash: String, rehashed: String?,
        userAgent: String?, at now: Timestamp
    ) throws -> Session?

    /// Uses the refresh token of `generation`. The current generation rotates. The previous one gets the
    /// same successor for `grace` after the rotation. Any other generation ends the session; `reused` is a
    /// result and not an error, so that this is committed.
    func rotate(
        _ session: Identifier<Session>, generation: Int, grace: Duration, at now: Timestamp
    ) throws -> Rotation

    /// Nil when the session does not exist or has ended. Called for every request, so it is one indexed read.
    func session(_ id: Identifier<Session>) throws -> Session?

    /// False when the session does not exist or had already ended.
    @discardableResult
    func endSession(_ id: Identifier<Session>, at now: Timestamp) throws -> Bool

    /// The same, but only for a session of `account`: false for another account's.
    @discardableResult
    func endSession(
        _ id: Identifier<Session>, of account: Identifier<Account>, at now: Timestamp
    ) throws -> Bool

    /// Ends every session of the account except `kept`, if given.
    func endSessions(
        of account: Identifier<Account>, except kept: Identifier<Session>?, at now: Timestamp
    ) throws

    /// Sessions that have not ended and were last rotated at `moment` or later, the most recent rotation
    /// first: at most `limit`, after `last` if given.
    func sessions(
        of account: Identifier<Account>, rotatedSince moment: Timestamp, after last: SessionPlace?,
        limit: Int
    ) throws -> [Session]

    /// Deletes up to 500 sessions whose last rotation was before `moment`: their refresh tokens have
    /// expired. Returns how many; 0 when there are no more.
    func pruneSessions(rotatedBefore moment: Timestamp) throws -> Int

    // MARK: Keys

    /// Stores a new key with its digest. Throws `tooManyKeys` when the account already has `limit` keys.
    /// False when the account does not exist, or when `session`, which asks for the key, has ended: otherwise
    /// the key could be missing from the list that a password change returns.
    func add(
        _ key: APIKey, digest: [UInt8], limit: Int, by session: Identifier<Session>?
    ) throws -> Bool

    /// The key with this digest, even if it has expired, and its account; nil when there is none. Called for
    /// every request, so it is one indexed read.
    func key(digest: [UInt8]) throws -> (key: APIKey, account: Account)?

    /// The newest first, including expired keys.
    func keys(of account: Identifier<Account>) throws -> [APIKey]

    /// Records that the key was used.
    func use(_ key: Identifier<APIKey>, at now: Timestamp) throws

    /// Deletes the key. False when the account has no such key.
    func revoke(_ key: Identifier<APIKey>, of account: Identifier<Account>) throws -> Bool

    // MARK: Password attempts

    /// Nil: the password may be verified now. The attempt counts as a failure until `succeed` or `withdraw`
    /// takes that back, so that a hundred attempts at once do not count as one. Otherwise how long to wait;
    /// a refused attempt is not counted, and costs one indexed read.
    func admit(
        _ attempt: LoginAttempt, under throttle: LoginThrottle, at now: Timestamp
    ) throws -> Duration?

    /// What `admit` would return, without counting anything.
    func wait(of attempt: LoginAttempt, at now: Timestamp) throws -> Duration?

    /// The password was correct: clears the pair's failures. From now on, attempts at this account from this
    /// address wait neither for failures of other addresses at the account, nor for failures of this address
    /// at other accounts. Those failures stay counted: otherwise an attacker could clear an address's
    /// failures by signing in to an account of their own.
    func succeed(
        _ attempt: LoginAttempt, under throttle: LoginThrottle, at now: Timestamp
    ) throws

    /// The password was not verified after all: takes back what `admit` counted.
    func withdraw(_ attempt: LoginAttempt, under throttle: LoginThrottle) throws

    /// Whether the attempt's device is known, or its address has signed in to its account before.
    func isKnown(_ attempt: LoginAttempt) throws -> Bool

    /// Deletes up to 500 attempts that no longer have an effect. Returns how many; 0 when there are no more.
    func pruneAttempts(at now: Timestamp) throws -> Int
}
