/// How often, how long and how soon again a job is worked on. Every worker of a catalog uses the
/// same.
public struct JobRules: Sendable {
    /// A job that comes to nothing so often is dead.
    public var attempts: Int
    /// How long a claim or renewal holds, by CLOCK_BOOTTIME.
    public var lease: Duration
    /// Before the second attempt, the third, and so on; the last one counts for all after it. Each
    /// is varied by up to a quarter, so that jobs that failed together do not come back together.
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
