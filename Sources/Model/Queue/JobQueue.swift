/// The queue of images to render. A job runs at least once: if its worker crashes or hangs, the job is given
/// to another worker when the lease expires. Only the holder of the newest lease can finish the job.
public protocol JobQueue {
    /// Claims the next job for the time of the store's lease, and counts the attempt. Of the accounts with a
    /// job that is due, chooses the one with the fewest running jobs, then the one served longest ago; of
    /// that account's due jobs, the oldest. Re-renders are claimed only when no other job is due. Jobs whose
    /// lease has expired become ready again, or dead when their attempts are used up. Nil when no job is due;
    /// finding that out writes nothing.
    ///
    /// - Parameter excluded: if not nil, only jobs of accounts that have no running job and are not in this
    ///   set, and no re-renders.
    func claim(
        by worker: String, fromIdleAccountsExcept excluded: Set<Identifier<Account>>?
    ) throws -> Claim?

    /// Whether `claim` with the same set would find a job.
    func isDue(fromIdleAccountsExcept excluded: Set<Identifier<Account>>) throws -> Bool

    /// How long until `claim` may find a job because a back-off or a lease expires. Zero when a job is due
    /// now; nil when no job is ready or running.
    func nextDue() throws -> Duration?

    /// Extends the lease by its full time from now. Throws `leaseLost`.
    func renew(_ lease: Lease) throws

    /// Ends the job as done, and stores the image's variants, pixels and placeholder. Throws `leaseLost`;
    /// then nothing was stored.
    func complete(_ lease: Lease, with rendering: Rendering, at now: Timestamp) throws

    /// Ends the job as failed: the image cannot be rendered. Throws `leaseLost`.
    func fail(_ lease: Lease, because failure: RenderFailure, at now: Timestamp) throws

    /// Ends this attempt: the job is ready again after a back-off, or dead when its attempts are used up.
    /// Returns which. Throws `leaseLost`.
    @discardableResult
    func retryLater(
        _ lease: Lease, because failure: RenderFailure, at now: Timestamp
    ) throws -> JobState

    /// Returns the job to the queue for a reason outside the job, such as a full disk: the attempt is not
    /// counted, and the job is ready again after `pause`. Throws `leaseLost`.
    func delay(_ lease: Lease, by pause: Duration, because failure: RenderFailure) throws

    /// Delays up to 500 due jobs whose originals have one of these formats by `pause`.
    func delay(
        _ formats: Set<ImageFormat>, by pause: Duration, because failure: RenderFailure) throws

    /// Makes up to 500 jobs due that were delayed because of the failure with this code. Returns how many; 0
    /// when there are no more.
    func resume(_ code: String) throws -> Int

    /// Returns the job to the queue, for example on SIGTERM: the attempt is not counted, and the job is ready
    /// at once. Throws `leaseLost`.
    func release(_ lease: Lease) throws

    /// Queues complete images for a re-render, after all other work. Their old variants are served, and the
    /// images stay complete, until `complete`; if the re-render fails, they stay unchanged. Returns how many
    /// were queued: images that are not complete, or whose job is waiting or running, are left out.
    func rerender(_ images: [Identifier<Image>]) throws -> Int

    /// Up to `limit` images that were re-rendered before `moment` and whose old variants may still be on
    /// disk, for `finishRerender`.
    func rerendered(before moment: Timestamp, limit: Int) throws -> [Image]

    /// Records that the old variants of an image have been removed from disk. Does nothing when the image
    /// was re-rendered again at `moment` or later.
    func finishRerender(_ image: Identifier<Image>, before moment: Timestamp) throws

    /// Voids the leases of a worker that is known to be dead, so that its jobs need not wait until the leases
    /// expire.
    func releaseAll(of worker: String) throws

    /// Names of the workers that hold leases.
    func holders() throws -> Set<String>

    /// Numbers of jobs that wait (due or not, without re-renders) and that run.
    func depth() throws -> (ready: Int, running: Int)

    /// More numbers, for operators. It counts rows, so it takes longer than `depth`.
    func state() throws -> QueueState

    /// Up to `limit` jobs in one of these states, in the order of their ids, after `last` if given.
    func jobs(
        _ states: Set<JobState>, after last: Identifier<Job>?, limit: Int
    ) throws -> [JobRecord]

    /// The job of an image; nil when it has none.
    func job(of image: Identifier<Image>) throws -> JobRecord?

    /// Queues a complete image whose variants' files are lost: it is pending until they exist again. False,
    /// and nothing changed, when it is not complete any more, or its job is waiting or running.
    func repair(_ image: Identifier<Image>) throws -> Bool

    /// When the oldest waiting job was queued, without re-renders; nil when none waits.
    func oldestWaiting() throws -> Timestamp?

    /// Clears details that only help to find out what went wrong (worker, request, last reason), of up to
    /// 500 jobs that ended before `moment`. The image's failure stays. Returns how many; 0 when there are no
    /// more.
    func prune(endedBefore moment: Timestamp) throws -> Int
}

extension JobQueue {
    public func claim(by worker: String) throws -> Claim? {
        try claim(by: worker, fromIdleAccountsExcept: nil)
    }
}
