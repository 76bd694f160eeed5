/// A password that somebody wants to try: for which account, from where, and the two together. Each
/// is a keyed digest, so that neither an email nor an address is kept, and an email that nobody has
/// counts like any other.
public struct LoginAttempt: Hashable, Sendable {
    public let account: [UInt8]
    public let address: [UInt8]
    /// Of account and address; of account and device where the device is known.
    public let pair: [UInt8]
    /// A device that showed a token which this account's sign-in gave it. Only the pair is counted
    /// then.
    public let isKnownDevice: Bool

    public init(
        account: [UInt8], address: [UInt8], pair: [UInt8], isKnownDevice: Bool = false
    ) {
        (self.account, self.address, self.pair) = (account, address, pair)
        self.isKnownDevice = isKnownDevice
    }
}

/// How guessing is slowed down: beyond so many failures each further one makes the next try wait,
/// 1 s, then twice as long each time. It never locks anyone out for longer than `longestWait`, for
/// else whoever knows an email could.
///
/// A wait is over for everyone who waits, and who guesses without a pause is first to use it. So who
/// is known (an address that signed in to the account, or a device that shows its token) waits for
/// nobody else's failures, and neither do the first tries of an address at an account.
public struct LoginThrottle: Sendable {
    /// Failures for one account from one address.
    public let pair: Int
    /// Failures for one account from all addresses that have not signed in to it before.
    public let account: Int
    /// Failures from one address, for whichever accounts.
    public let address: Int

    public static let longestWait = Duration.seconds(30)
    /// Tries at an account by an address that never tried it before that do not
    /// wait for what others did to the account: two, so that an owner at a new address may mistype
    /// once while others guess.
    public static let firstTries = 2
    /// One failure is forgiven each time so long has passed. Slower than tries at the longest wait
    /// come, so guessing on gains nothing.
    public static let forgiveness = Duration.seconds(60)

    public init(pair: Int, account: Int, address: Int) {
        self.pair = pair
        self.account = account
        self.address = address
    }

    /// What follows the failure that makes it `failures`.
    public static func wait(after failures: Int, threshold: Int) -> Duration {
        guard failures >= threshold else { return .zero }
        return min(longestWait, .seconds(1 << min(failures - threshold, 6)))
    }

    /// More are not counted: the wait is the longest already, and it ends in minutes, not in as long
    /// as an attack lasted.
    public static func mostFailures(threshold: Int) -> Int { threshold + 5 }
}
