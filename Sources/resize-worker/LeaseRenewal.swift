import Model

/// Renews a lease while its image is rendered, after each third of the lease's time: a job whose lease
/// expires is given to another worker.
struct LeaseRenewal {
    let interval: Duration
    private let lease: Lease
    private let queue: any JobQueue
    private var next: ContinuousClock.Instant

    /// - Parameter time: how long the lease is valid from now.
    init(_ lease: Lease, lasting time: Duration, _ queue: any JobQueue) {
        self.lease = lease
        self.queue = queue
        interval = time / 3
        next = .now + interval
    }

    /// Throws `leaseLost` when another worker has the job, or when the job was cancelled.
    mutating func renewIfDue() throws {
        let now = ContinuousClock.now
        guard now >= next else { return }
        try queue.renew(lease)
        next = now + interval
    }
}
