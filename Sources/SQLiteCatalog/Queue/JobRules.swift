/// How many attempts a job has, how long a lease lasts, and how long a job waits between attempts. All
/// workers of a catalog use the same rules.
public struct JobRules: Sendable {
    /// A job is dead after so many attempts without success.
    public var attempts: Int
    /// How long a lease is valid after a claim or renewal, by CLOCK_BOOTTIME.
    public var lease: Duration
    /// The wait before the second attempt, the third, and so on; the last one is used for all later ones.
    /// Each varies by up to a quarter, so that jobs that failed together do not return together.
    public var backoff: [Duration]

    public init(
        attempts: Int = 3, lease: Duration = .seconds(60),
        backoff: [Duration] = [.seconds(5), .seconds(30), .seconds(300)]
    ) {
        self.attempts = attempts
        self.lease = lease
        self.backoff = backoff
    }

    /// Milliseconds to wait after an attempt, 1 for the first.
    func delay(after attempt: Int) -> Int64 {
        guard let last = backoff.last else { return 0 }
        let step = attempt <= backoff.count ? backoff[max(0, attempt - 1)] : last
        let milliseconds =
            Double(step.components.seconds) * 1000
            + Double(step.components.attoseconds) / 1e15
        return Int64(milliseconds * Double.random(in: 0.75...1.25))
    }
}
