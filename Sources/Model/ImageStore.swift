/// An original that is stored on disk, to be added to the catalog.
public struct NewImage: Sendable {
    public let image: Image
    /// SHA-256 of the bytes, 32 bytes.
    public let digest: [UInt8]
    /// The client's `Idempotency-Key`, valid for 24 hours within the account.
    public let idempotencyKey: String?
    /// Id of the upload's request, for log lines about the job.
    public let requestID: String?

    public init(image: Image, digest: [UInt8], idempotencyKey: String?, requestID: String? = nil) {
        (self.image, self.digest, self.idempotencyKey) = (image, digest, idempotencyKey)
        self.requestID = requestID
    }
}

/// An image with the digest that its original must have.
public struct StoredImage: Sendable {
    public let image: Image
    /// SHA-256 of the original, 32 bytes.
    public let digest: [UInt8]

    public init(image: Image, digest: [UInt8]) {
        self.image = image
        self.digest = digest
    }
}

/// Limits that are checked in the transaction that adds an image.
public struct Allowance: Sendable {
    public let quota: Usage
    /// Images of one account that may be waiting or in progress.
    public let accountQueue: Int
    /// Images of all accounts together that may be waiting or in progress.
    public let queue: Int
    /// One account may use 1/`queueShare` of what the others leave of `queue`; 1: all of it.
    public let queueShare: Int

    public init(quota: Usage, accountQueue: Int, queue: Int, queueShare: Int = 1) {
        (self.quota, self.accountQueue, self.queue) = (quota, accountQueue, queue)
        self.queueShare = queueShare
    }

    /// How many images an account may have in a queue in which other accounts have `others`: at least 1,
    /// so that an account gets a place while the queue has one.
    public func accountQueue(beside others: Int) -> Int {
        min(accountQueue, max(1, (queue - others) / queueShare))
    }
}

public enum AddImageResult: Sendable {
    /// The image and its job are stored durably.
    case added(job: Identifier<Job>)
    /// The account already has these bytes with this fit; no image was added.
    case duplicate(Image, job: Identifier<Job>)
}

public struct ImageFilter: Sendable {
    public var status: ImageStatus?
    /// A part of the name, regardless of case and of how accents are encoded (composed or decomposed).
    public var name: String?
    /// Only images older than this one, the last of the previous page.
    public var before: Identifier<Image>?
    /// At least 1. The caller checks the most that a client may ask for.
    public var limit: Int

    public init(
        status: ImageStatus? = nil, name: String? = nil, before: Identifier<Image>? = nil,
        limit: Int = 50
    ) {
        (self.status, self.name, self.before, self.limit) = (status, name, before, limit)
    }
}

/// The part of `Image` that clients poll; it is cheap to read.
public struct ImageProgress: Sendable {
    public let id: Identifier<Image>
    public let status: ImageStatus
    public let attempts: Int
    public let failure: RenderFailure?
    /// Names of the variants that exist.
    public let variants: [String]

    public init(
        id: Identifier<Image>, status: ImageStatus, attempts: Int, failure: RenderFailure?,
        variants: [String]
    ) {
        (self.id, self.status, self.attempts) = (id, status, attempts)
        (self.failure, self.variants) = (failure, variants)
    }
}

/// New values for an image; nil leaves a value unchanged.
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

/// Images. Every call is one transaction. A call with an `owner` sees only that account's images. An image
/// whose deletion has begun counts as nonexistent, unless a call states otherwise.
public protocol ImageStore {
    /// Checks, before an upload is received, whether `add` would refuse it for a reason that is already
    /// known. Throws `quotaExceeded` (also when the account does not exist), `accountQueueFull`, `queueFull`.
    func admit(from owner: Identifier<Account>, within allowance: Allowance) throws

    /// Adds the image and its job in one transaction; this is what a 202 promises. Looks up the idempotency
    /// key first, then whether the account has these bytes with this fit (in an image that has not failed),
    /// then checks quota and queues, which do not apply to a duplicate. Throws `quotaExceeded`,
    /// `accountQueueFull`, `queueFull`, `idempotencyConflict`.
    func add(_ new: NewImage, within allowance: Allowance) throws -> AddImageResult

    /// Nil when the owner has no such image.
    func image(_ id: Identifier<Image>, of owner: Identifier<Account>) throws -> Image?

    /// The account's image with these bytes and this fit that has not failed: what `add` would return as a
    /// duplicate.
    func image(
        digest: [UInt8], fit: Fit, of owner: Identifier<Account>
    ) throws -> Image?

    /// In the order of `ids`, without images that do not exist. Each image is read separately, so the results
    /// are of slightly different moments.
    func progress(
        of ids: [Identifier<Image>], owner: Identifier<Account>
    ) throws -> [ImageProgress]

    /// Newest first.
    func list(of owner: Identifier<Account>, where filter: ImageFilter) throws -> [Image]

    /// How many images match the filter on all pages: `before` and `limit` are ignored. Without a name, the
    /// time does not depend on the number of complete images.
    func count(of owner: Identifier<Account>, where filter: ImageFilter) throws -> Int

    /// Nil when the owner has no such image. Changes only the catalog: the caller changes the link on disk.
    func change(
        _ id: Identifier<Image>, of owner: Identifier<Account>, to change: ImageChange
    ) throws -> Image?

    /// Makes a failed image pending again, with its count of attempts at 0. Nil when the owner has no such
    /// image. `queued` is false, and nothing changed, when the image has not failed, or when the same bytes
    /// were uploaded again since. Throws `accountQueueFull`, `queueFull`.
    func retry(
        _ id: Identifier<Image>, of owner: Identifier<Account>, within allowance: Allowance,
        requestID: String?, at now: Timestamp
    ) throws -> (image: Image, job: Identifier<Job>, queued: Bool)?

    /// First step of a deletion: hides the image and cancels its job, so that a running worker cannot finish
    /// it. The image counts towards the quota until `finishDeletion`, because its bytes are still on disk.
    /// Nil when the owner has no such image. An image whose deletion has already begun is returned too, so
    /// that a repeated request can complete the deletion.
    func beginDeletion(
        of id: Identifier<Image>, owner: Identifier<Account>, at now: Timestamp
    ) throws -> Image?

    /// Last step, after the files were removed: deletes the row and reduces the account's usage, in one
    /// transaction. Does nothing unless the deletion has begun, so it can be repeated.
    func finishDeletion(of id: Identifier<Image>) throws

    /// Images between the two steps, such as those that a crash left there: up to `limit`, in the order of
    /// their ids, after `last` if given.
    func unfinishedDeletions(after last: Identifier<Image>?, limit: Int) throws -> [Image]

    /// The same for the images of one account, which itself is being deleted.
    func unfinishedDeletions(
        of account: Identifier<Account>, after last: Identifier<Image>?, limit: Int
    ) throws -> [Image]

    /// Those of `ids` that have a row, including images that are being deleted. For comparing files with
    /// the catalog.
    func existing(_ ids: [Identifier<Image>]) throws -> Set<Identifier<Image>>

    /// Those of `ids` that are public and complete. For comparing links with the catalog.
    func published(among ids: [Identifier<Image>]) throws -> Set<Identifier<Image>>

    /// Up to `limit` images that are public and complete, in the order of their ids, after `last` if given.
    /// Reading page by page, a million images need the memory of one page.
    func published(
        after last: Identifier<Image>?, limit: Int
    ) throws -> [Identifier<Image>]

    /// The same for all images of all accounts. For backups and checks of the disk.
    func inventory(after last: Identifier<Image>?, limit: Int) throws -> [StoredImage]

    /// Number of images with each status, and the bytes of their originals. A status without images is
    /// absent.
    func totals() throws -> [ImageStatus: Usage]

    /// When the image with the newest id was uploaded, even if it is being deleted; nil without images.
    func newestUpload() throws -> Timestamp?

    /// Deletes up to 500 idempotency keys that were used before `moment`. Returns how many; 0 when there are
    /// no more.
    func pruneIdempotencyKeys(usedBefore moment: Timestamp) throws -> Int
}
