/// An original that is on disk and wants a row.
public struct NewImage: Sendable {
    public let image: Image
    /// SHA-256 of the bytes, 32 bytes.
    public let digest: [UInt8]
    /// The client's `Idempotency-Key`, kept for 24 hours per account.
    public let idempotencyKey: String?
    /// The request that brought it, for the log lines about its job.
    public let requestID: String?

    public init(image: Image, digest: [UInt8], idempotencyKey: String?, requestID: String? = nil) {
        (self.image, self.digest, self.idempotencyKey) = (image, digest, idempotencyKey)
        self.requestID = requestID
    }
}

/// An image with what its original must be.
public struct StoredImage: Sendable {
    public let image: Image
    /// SHA-256 of the original, 32 bytes.
    public let digest: [UInt8]

    public init(image: Image, digest: [UInt8]) {
        self.image = image
        self.digest = digest
    }
}

/// How much may be there, checked in the transaction that adds.
public struct Allowance: Sendable {
    public let quota: Usage
    /// Images of one account, and of all, that may wait or be in work.
    public let accountQueue: Int
    public let queue: Int
    /// One account may hold one part in so many of what the others leave of `queue`; 1: all of it.
    public let queueShare: Int

    public init(quota: Usage, accountQueue: Int, queue: Int, queueShare: Int = 1) {
        (self.quota, self.accountQueue, self.queue) = (quota, accountQueue, queue)
        self.queueShare = queueShare
    }

    /// How many images an account may have in a queue in which others have `others`. At least one, as
    /// long as there is room.
    public func accountQueue(beside others: Int) -> Int {
        min(accountQueue, max(1, (queue - others) / queueShare))
    }
}

public enum Admission: Sendable {
    /// Row and job are on disk.
    case added(job: Identifier<Job>)
    /// The account has these bytes with this fit already; nothing was added.
    case duplicate(Image, job: Identifier<Job>)
}

public struct ImageFilter: Sendable {
    public var status: ImageStatus?
    /// A part of the name, regardless of case and of how accents are put together.
    public var name: String?
    /// Older than this one: where the page before ended.
    public var before: Identifier<Image>?
    /// At least 1. What a client may ask for is the caller's to check.
    public var limit: Int

    public init(
        status: ImageStatus? = nil, name: String? = nil, before: Identifier<Image>? = nil,
        limit: Int = 50
    ) {
        (self.status, self.name, self.before, self.limit) = (status, name, before, limit)
    }
}

/// A part of `Image` that is cheap to ask for again and again.
public struct ImageProgress: Sendable {
    public let id: Identifier<Image>
    public let status: ImageStatus
    public let attempts: Int
    public let failure: RenderFailure?
    /// Names of the sizes that are there.
    public let variants: [String]

    public init(
        id: Identifier<Image>, status: ImageStatus, attempts: Int, failure: RenderFailure?,
        variants: [String]
    ) {
        (self.id, self.status, self.attempts) = (id, status, attempts)
        (self.failure, self.variants) = (failure, variants)
    }
}

public struct ImageChange: Sendable {
    public var originalName: String?
    public var alt: String?
    public var visibility: Visibility?

    public init(originalName: String? = nil, alt: String? = nil, visibility: Visibility? = nil) {
        self.originalName = originalName
        self.alt = alt
        self.visibility = visibility
    }
}

/// Images. Every call is one transaction, and sees only `owner`'s images: another's does not exist.
/// An image that is being deleted does not exist either.
public protocol ImageStore {
    /// Refuses before an upload is stored what `add` would refuse after it, by what is known then.
    /// Throws `quotaExceeded` (an account that is gone has no quota), `accountQueueFull`, `queueFull`.
    func admit(from owner: Identifier<Account>, within allowance: Allowance) throws

    /// Adds the image and its job, in one transaction: the promise behind a 202. The idempotency key
    /// is looked at first, then whether the account has these bytes with this fit (in an image that
    /// has neither failed nor been deleted), then quota and queues; a duplicate is never refused.
    /// Throws `quotaExceeded`, `accountQueueFull`, `queueFull`, `idempotencyConflict`.
    func add(_ new: NewImage, within allowance: Allowance) throws -> Admission

    func image(_ id: Identifier<Image>, of owner: Identifier<Account>) throws -> Image?

    /// The account's image with these bytes and this fit that has not failed: what `add` would call a
    /// duplicate.
    func image(
        digest: [UInt8], fit: Fit, of owner: Identifier<Account>
    ) throws -> Image?

    /// In the order asked for; what is not there is left out. Each is read by itself, so it is true
    /// of its own moment.
    func progress(
        of ids: [Identifier<Image>], owner: Identifier<Account>
    ) throws -> [ImageProgress]

    /// Newest first.
    func list(of owner: Identifier<Account>, where filter: ImageFilter) throws -> [Image]

    /// How many images the filter matches on all of its pages. Without a name it takes as long however
    /// many complete images there are.
    func count(of owner: Identifier<Account>, where filter: ImageFilter) throws -> Int

    /// Nil when it is not there. Takes effect in the catalog alone: links on disk are the caller's.
    func change(
        _ id: Identifier<Image>, of owner: Identifier<Account>, to change: ImageChange
    ) throws -> Image?

    /// A failed image becomes pending again with a fresh count of attempts. Nil when it is not
    /// there; `queued` is false, and nothing changed, when it has not failed or when the same bytes
    /// were uploaded again since. Throws `accountQueueFull`, `queueFull`.
    func retry(
        _ id: Identifier<Image>, of owner: Identifier<Account>, within allowance: Allowance,
        requestID: String?, at now: Timestamp
    ) throws -> (image: Image, job: Identifier<Job>, queued: Bool)?

    /// First step of a deletion: the image is hidden at once and its job cancelled, so a running
    /// worker cannot finish it. It counts as used until `finishDeletion`, as its bytes are still on
    /// the disk. Nil when it is not there; one that has begun is there, so that whoever asks again can
    /// end it.
    func beginDeletion(
        of id: Identifier<Image>, owner: Identifier<Account>, at now: Timestamp
    ) throws -> Image?

    /// Last step, once the files are out of reach: the row goes and the account's usage shrinks, in
    /// one transaction. Nothing happens unless the deletion has begun, so it can be done again.
    func finishDeletion(of id: Identifier<Image>) throws

    /// What a crash left between the two steps: up to `limit`, in the order of their ids, from behind
    /// `last` on.
    func unfinishedDeletions(after last: Identifier<Image>?, limit: Int) throws -> [Image]

    /// Likewise of one account, which is being deleted itself.
    func unfinishedDeletions(
        of account: Identifier<Account>, after last: Identifier<Image>?, limit: Int
    ) throws -> [Image]

    /// Which of these have a row, being deleted or not: the sweeper's question about files.
    func existing(_ ids: [Identifier<Image>]) throws -> Set<Identifier<Image>>

    /// Which of these are public and complete: the sweeper's question about links.
    func published(among ids: [Identifier<Image>]) throws -> Set<Identifier<Image>>

    /// Up to `limit` images that are public and complete, in the order of their ids, from behind
    /// `last` on: a million are gone through without holding a million.
    func published(
        after last: Identifier<Image>?, limit: Int
    ) throws -> [Identifier<Image>]

    /// Likewise every image of every account that is not being deleted: what a backup or a check of
    /// the disk goes through.
    func inventory(after last: Identifier<Image>?, limit: Int) throws -> [StoredImage]

    /// How many there are of each status, and the bytes of their originals.
    func totals() throws -> [ImageStatus: Usage]

    /// When the newest image came, by its id.
    func newestUpload() throws -> Timestamp?

    /// Forgets idempotency keys older than `moment`, a batch of 500 at a time. Returns how many.
    func pruneIdempotencyKeys(usedBefore moment: Timestamp) throws -> Int
}
