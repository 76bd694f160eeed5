/// The work on one image, as an entry of the queue: the noun of a job's `Identifier`.
public enum Job {}

/// A `ready` job waits until it is due, a `running` one has a lease, and one in the other three states has
/// ended.
public enum JobState: String, Sendable, Codable, CaseIterable {
    case ready, running, done
    /// The image itself cannot be rendered; another attempt would end the same way.
    case failed
    /// All attempts are used up: each one crashed, hung, or failed because of the machine.
    case dead
}

/// The right to finish a job. A worker with an older token cannot finish it (fencing).
public struct Lease: Hashable, Sendable {
    public let job: Identifier<Job>
    /// New at every claim.
    public let token: String

    public init(job: Identifier<Job>, token: String) {
        self.job = job
        self.token = token
    }
}

/// A job that a worker has claimed.
public struct Claim: Sendable {
    public let lease: Lease
    public let image: Image
    /// 1 for the first.
    public let attempt: Int
    /// Id of the request that queued it; nil when that is no longer known.
    public let requestID: String?
    /// When the job was queued.
    public let queuedAt: Timestamp

    public init(
        lease: Lease, image: Image, attempt: Int, requestID: String?, queuedAt: Timestamp
    ) {
        (self.lease, self.image, self.attempt) = (lease, image, attempt)
        (self.requestID, self.queuedAt) = (requestID, queuedAt)
    }

    /// Whether it is a re-render: the image is complete, and its old variants are served meanwhile.
    public var isRerender: Bool { image.status == .complete }
}

/// A job as operators see it.
public struct JobRecord: Sendable {
    public let id: Identifier<Job>
    public let image: Identifier<Image>
    public let account: Identifier<Account>
    /// The account's email.
    public let email: String
    public let state: JobState
    public let attempts: Int
    /// Whether it re-renders a complete image, whose old variants are served meanwhile.
    public let isRerender: Bool
    /// The worker that claimed it last; nil when none did, or when that is no longer known.
    public let worker: String?
    /// Why its last attempt did not succeed.
    public let failure: RenderFailure?
    public let endedAt: Timestamp?

    public init(
        id: Identifier<Job>, image: Identifier<Image>, account: Identifier<Account>, email: String,
        state: JobState, attempts: Int, isRerender: Bool, worker: String?, failure: RenderFailure?,
        endedAt: Timestamp?
    ) {
        (self.id, self.image, self.account, self.email) = (id, image, account, email)
        (self.state, self.attempts, self.isRerender, self.worker) = (
            state, attempts, isRerender, worker
        )
        (self.failure, self.endedAt) = (failure, endedAt)
    }
}

/// Numbers of jobs.
public struct QueueState: Sendable, Equatable {
    /// Waiting, due or not, without re-renders.
    public var ready = 0
    /// Running, including re-renders.
    public var running = 0
    /// Waiting re-renders.
    public var rerenders = 0
    public var runningRerenders = 0
    public var dead = 0
    /// Running although the lease has expired: the worker hangs or is gone.
    public var overdue = 0

    public init() {}
}
