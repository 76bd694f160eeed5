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
    /// The request that asked for it; nil when that is not known any more.
    public let requestID: String?
    /// When that was.
    public let queuedAt: Timestamp

    public init(
        lease: Lease, image: Image, attempt: Int, requestID: String?, queuedAt: Timestamp
    ) {
        (self.lease, self.image, self.attempt) = (lease, image, attempt)
        (self.requestID, self.queuedAt) = (requestID, queuedAt)
    }

    /// The image's old sizes are served meanwhile.
    public var isRedo: Bool { image.status == .complete }
}

/// A job as those who look after the queue see it.
public struct JobRecord: Sendable {
    public let id: Identifier<Job>
    public let image: Identifier<Image>
    public let account: Identifier<Account>
    /// The account's.
    public let email: String
    public let state: JobState
    public let attempts: Int
    /// Makes sizes anew that are there and stay served meanwhile.
    public let isRedo: Bool
    /// Who claimed it last.
    public let worker: String?
    /// Why its last attempt came to nothing.
    public let failure: RenderFailure?
    public let endedAt: Timestamp?

    public init(
        id: Identifier<Job>, image: Identifier<Image>, account: Identifier<Account>, email: String,
        state: JobState, attempts: Int, isRedo: Bool, worker: String?, failure: RenderFailure?,
        endedAt: Timestamp?
    ) {
        (self.id, self.image, self.account, self.email) = (id, image, account, email)
        (self.state, self.attempts, self.isRedo, self.worker) = (state, attempts, isRedo, worker)
        (self.failure, self.endedAt) = (failure, endedAt)
    }
}

/// The queue in numbers.
public struct QueueState: Sendable, Equatable {
    /// Waiting, due or not; redos are counted apart.
    public var ready = 0
    public var running = 0
    public var redos = 0
    public var runningRedos = 0
    public var dead = 0
    /// Running, though the lease is over: whoever held it hangs or is gone.
    public var overdue = 0

    public init() {}
}
