/// The work on one image, once in the queue.
public enum Job {}

/// `ready` waits for its time, `running` is under a lease; the other three are ends.
public enum JobState: String, Sendable, Codable, CaseIterable {
    case ready, running, done
    /// The picture itself cannot be used; another attempt would end alike.
    case failed
    /// Attempts are used up: the work crashed, hung or met a broken machine each time.
    case dead
}

/// The right to finish a job. Whoever holds an older token finishes nothing (fencing).
public struct Lease: Hashable, Sendable {
    public let job: Identifier<Job>
    /// New at every claim.
    public let token: String

    public init(job: Identifier<Job>, token: String) {
        self.job = job
        self.token = token
    }
}

/// A job somebody has taken on.
public struct Claim: Sendable {
    public let lease: Lease
    public let image: Image
    /// 1 for the first.
    public let attempt: Int

    public init(lease: Lease, image: Image, attempt: Int) {
        self.lease = lease
        self.image = image
        self.attempt = attempt
    }
}
