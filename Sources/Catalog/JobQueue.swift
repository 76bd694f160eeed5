/// The queue of images to resize. At least once: whoever holds a lease may die, and the job is given
/// to another; only the holder of the newest lease can finish it.
public protocol JobQueue {
    /// Takes the next job, counting the attempt, for as long as the store's lease lasts. Jobs whose
    /// lease ran out are ready again, or dead when their attempts are used up. Nil when none is due.
    func claim(by worker: String) throws -> Claim?

    /// Begins the lease's time anew. Throws `leaseLost`.
    func renew(_ lease: Lease) throws

    /// Records variants, image and job. Throws `leaseLost`; then nothing was recorded.
    func complete(_ lease: Lease, with rendering: Rendering, at now: Timestamp) throws

    /// Ends the job: this picture cannot be used. Throws `leaseLost`.
    func fail(_ lease: Lease, because failure: RenderFailure, at now: Timestamp) throws

    /// This attempt came to nothing: ready again after a back-off, or dead. Throws `leaseLost`.
    @discardableResult
    func retryLater(
        _ lease: Lease, because failure: RenderFailure, at now: Timestamp
    ) throws -> JobState

    /// Hands the job back untouched, as on SIGTERM: the attempt is not counted. Throws `leaseLost`.
    func release(_ lease: Lease) throws

    /// Voids the leases of a worker that is known to be dead, so that nobody waits for them to end.
    func releaseAll(of worker: String) throws

    /// Workers that hold leases.
    func holders() throws -> Set<String>

    /// Jobs waiting (due or not) and running.
    func depth() throws -> (ready: Int, running: Int)

    /// Forgets ended jobs' details older than `age`, a batch at a time. Returns how many.
    func prune(endedBefore moment: Timestamp) throws -> Int
}
