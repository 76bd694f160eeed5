/// The queue of images to resize. At least once: whoever holds a lease may die, and the job is given
/// to another; only the holder of the newest lease can finish it.
public protocol JobQueue {
    /// Takes the next job, counting the attempt, for as long as the store's lease lasts: of the
    /// accounts with a job that is due, the one with the fewest running, then the one served longest
    /// ago; of that account's jobs the oldest. Redos come when nothing else is due. Jobs whose lease
    /// ran out are ready again, or dead when their attempts are used up. Nil when none is due; finding
    /// that out writes nothing.
    ///
    /// - Parameter excluded: if not nil, only of accounts with nothing running that are none of these,
    ///   and no redo.
    func claim(
        by worker: String, fromIdleBut excluded: Set<Identifier<Account>>?
    ) throws -> Claim?

    /// Whether `claim` would find a job, of the same accounts.
    func isDue(fromIdleBut excluded: Set<Identifier<Account>>) throws -> Bool

    /// How long until `claim` may find something, because a back-off or a lease ends; zero when
    /// something is due now, nil when there is nothing to wait for but new work.
    func nextDue() throws -> Duration?

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

    /// Hands the job back for a reason that is not its own, as a full disk: the attempt is not
    /// counted, and it is ready again after `pause`. Throws `leaseLost`.
    func postpone(_ lease: Lease, by pause: Duration, because failure: RenderFailure) throws

    /// Has up to 500 jobs that are due, of originals in these formats, wait for `pause`.
    func postpone(
        _ formats: Set<ImageFormat>, by pause: Duration, because failure: RenderFailure) throws

    /// Makes up to 500 jobs due that were postponed for the failure of this code. Returns how many.
    func resume(_ code: String) throws -> Int

    /// Hands the job back untouched, as on SIGTERM: the attempt is not counted. Throws `leaseLost`.
    func release(_ lease: Lease) throws

    /// Has the sizes of complete images made anew, after all other work; the old ones stay served, and
    /// the images complete, until `complete`, and they stay as they are should it fail. Returns how
    /// many: those that are in work already, or not complete, are left out.
    func redo(_ images: [Identifier<Image>]) throws -> Int

    /// Up to `limit` images whose sizes were made anew before `moment`, for `settle`.
    func redone(before moment: Timestamp, limit: Int) throws -> [Image]

    /// Of an image's old sizes nothing is left on the disk.
    func settle(_ image: Identifier<Image>, before moment: Timestamp) throws

    /// Voids the leases of a worker that is known to be dead, so that nobody waits for them to end.
    func releaseAll(of worker: String) throws

    /// Workers that hold leases.
    func holders() throws -> Set<String>

    /// Jobs waiting (due or not; redos are left out) and running.
    func depth() throws -> (ready: Int, running: Int)

    /// The same in more numbers, for those who look after the queue: it counts, so it takes longer.
    func state() throws -> QueueState

    /// Up to `limit` jobs in one of these states, in the order of their ids, from behind `last` on.
    func jobs(
        _ states: Set<JobState>, after last: Identifier<Job>?, limit: Int
    ) throws -> [JobRecord]

    /// The job of an image.
    func job(of image: Identifier<Image>) throws -> JobRecord?

    /// Makes the sizes of a complete image again because their files are lost: it is pending until
    /// they are there. False, and nothing changed, when it is not complete any more, or is in work.
    func remake(_ image: Identifier<Image>) throws -> Bool

    /// When the oldest of those that wait was asked for; redos are left out.
    func oldestWaiting() throws -> Timestamp?

    /// Forgets what is only of use to find out what went wrong (worker, request, last reason) of jobs
    /// that ended before `moment`, a batch of 500 at a time. What the image says stays. Returns how
    /// many.
    func prune(endedBefore moment: Timestamp) throws -> Int
}

extension JobQueue {
    public func claim(by worker: String) throws -> Claim? {
        try claim(by: worker, fromIdleBut: nil)
    }
}
