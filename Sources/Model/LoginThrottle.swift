/// An attempt to use a password, as three keys: the account, the client's address, and the pair of both.
/// Each is a keyed digest of 32 bytes, so that neither emails nor addresses are stored, and an email without
/// an account counts like any other.
public struct LoginAttempt: Hashable, Sendable {
    public let account: [UInt8]
    public let address: [UInt8]
    /// Of account and address; of account and device when the device is known.
    public let pair: [UInt8]
    /// Whether the device presented a token that it got when it signed in to this account. Then only the
    /// pair is counted.
    public let isKnownDevice: Bool

    public init(
        account: [UInt8], address: [UInt8], pair: [UInt8], isKnownDevice: Bool = false
    ) {
        (self.account, self.address, self.pair) = (account, address, pair)
        self.isKnownDevice = isKnownDevice
    }
}

/// Slows down password guessing: from a number of failures on, each failure makes the next attempt wait,
/// first 1 s, then twice as long each time. No wait is longer than `longestWait`: otherwise anyone who knows
/// an email could lock its user out.
///
/// A wait ends for all clients at the same time, and an attacker who tries without a pause is the first to
/// use the attempt that it permits. So a known client (an address that has signed in to the account, or a
/// device that presents its token) does not wait because of other clients' failures. The first attempts of
/// an address at an account do not wait because of other addresses' failures at the account either.
public struct LoginThrottle: Sendable {
    /// Failures for one account from one address, from which on attempts wait.
    public let pair: Int
    /// The same for one account from all addresses that have not signed in to it before.
    public let account: Int
    /// The same from one address, for any accounts.
    public let address: Int

    public static let longestWait = Duration.seconds(30)
    /// Attempts of a new address at an account that do not wait because of other addresses' failures: two,
    /// so that the owner at a new address may mistype once while others guess.
    public static let firstAttempts = 2
    /// One failure is forgiven each time this has passed. It is longer than `longestWait`, so an attacker
    /// who continues gains nothing.
    public static let forgiveness = Duration.seconds(60)

    public init(pair: Int, account: Int, address: Int) {
        self.pair = pair
        self.account = account
        self.address = address
    }

    /// How long the next attempt waits after the failure that brings the count to `failures`.
    public static func wait(after failures: Int, threshold: Int) -> Duration {
        guard failures >= threshold else { return .zero }
        return min(longestWait, .seconds(1 << min(failures - threshold, 6)))
    }

    /// The largest count. At this count the wait is the longest, and a larger count would take longer to be
    /// forgiven: as long as the attack lasted instead of minutes.
    public static func mostFailures(threshold: Int) -> Int { threshold + 5 }
}
