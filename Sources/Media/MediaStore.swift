import Model

/// Files and their bytes.
public typealias MediaExtent = (files: Int, bytes: Int64)

/// Where originals and variants are stored. When a call returns, what it stored survives a power cut. Files
/// appear completely or not at all. No two ids use the same names.
///
/// Calls that store throw `MediaError.noSpace` on a full disk; all throw `SystemError` for other failures.
public protocol MediaStore: Sendable {
    /// Creates what the store needs if it does not exist. Throws `ConfigurationError` if that cannot be
    /// created or used.
    func prepare() throws

    /// Bytes that can still be stored.
    func freeBytes() throws -> Int64

    // MARK: Originals

    /// - Parameter written: see `IncomingFile`; nil if there is no such file.
    func receive(written: String?) throws -> IncomingFile

    /// Makes the received file an image's original. When this throws, the file is removed.
    ///
    /// - Returns: the SHA-256 of its bytes.
    func store(
        _ file: consuming IncomingFile, as id: Identifier<Image>, _ format: ImageFormat
    ) throws -> [UInt8]

    /// For an upload whose bytes the account already has: removes its file, or, if the original of the
    /// earlier image was lost, moves it there.
    func resolveDuplicate(_ copy: Image, of earlier: Image) throws

    /// Calls `body` with the path of a file that holds the original until `body` returns. Throws
    /// `MediaError.missing` if there is none.
    func withOriginal<Result>(
        _ id: Identifier<Image>, _ format: ImageFormat, _ body: (String) throws -> Result
    ) throws -> Result

    /// Length of the original in bytes; nil if it does not exist.
    func length(ofOriginal id: Identifier<Image>, _ format: ImageFormat) throws -> Int64?

    // MARK: Variants

    /// Makes a job's folder the image's variants, and replaces any that an earlier attempt left. Throws if
    /// anything in it is not a regular file: nginx trusts published files, so no link may be among them.
    func publish(_ jobFolder: String, as id: Identifier<Image>) throws

    /// Adds a job's files to the image's variants, each atomically. Variants with other names stay. Throws
    /// as `publish` does.
    func merge(_ jobFolder: String, into id: Identifier<Image>) throws

    /// Calls `body` with the path of a file that holds the variant until `body` returns. Throws
    /// `MediaError.missing` if there is none.
    func withVariant<Result>(
        _ variant: Variant, of id: Identifier<Image>, _ body: (String) throws -> Result
    ) throws -> Result

    /// Length of a variant's file in bytes; nil if it does not exist.
    func length(of variant: Variant, of id: Identifier<Image>) throws -> Int64?

    /// Removes the image's variants except `kept`, and except files younger than `age`, because a running
    /// job may be adding variants.
    func removeVariants(
        of id: Identifier<Image>, but kept: [Variant], olderThan age: Duration
    ) throws -> MediaExtent

    // MARK: The public link. An image's public addresses work while it exists. It follows the image's row:
    // every operation that changes the row also changes the link.

    func isLinked(_ id: Identifier<Image>) throws -> Bool

    /// Creates the link. Succeeds if it exists.
    func link(_ id: Identifier<Image>) throws

    /// Removes the link permanently before it returns, also in case of a power cut. Succeeds if there is
    /// none.
    func unlink(_ id: Identifier<Image>) throws

    /// Removes the links of images whose deletion has begun, at once, so that their addresses stop working
    /// even if the deletion is interrupted. `remove` does it again before the row is deleted, reports
    /// failures, and makes it survive a power cut.
    func unlinkDeleted(_ ids: [Identifier<Image>])

    /// Creates the part of a link that takes disk space, before the row is changed to public.
    func prepareLink(of id: Identifier<Image>) throws -> PreparedLink

    /// Removes a prepared link. Call it if the row was not changed.
    func discard(_ link: PreparedLink)

    /// Puts the link in its place if the image is public in the catalog, as `link(_:if:)` does. When this
    /// throws, the worker tries it again.
    func place(
        _ prepared: PreparedLink, of id: Identifier<Image>, if isPublic: () throws -> Bool
    ) throws

    /// Moves the link away, runs `body`, which makes the image private, and leaves the link away. If `body`
    /// throws and nothing was changed, so that `isPublic` is still true, the link is moved back, which needs
    /// no disk space. If it is unknown what was changed, the link stays away until the worker has read the
    /// row. After `body` has returned, this does not throw, because the image is private then.
    func withLinkRemoved<Result>(
        of id: Identifier<Image>, restoreIf isPublic: () throws -> Bool, _ body: () throws -> Result
    ) throws -> Result

    /// Makes links agree with the rows of images whose requests were interrupted between the two changes.
    /// Cheap if there are none. Returns how many links were changed.
    func repairUnfinishedLinks(isPublic: (Identifier<Image>) throws -> Bool) throws -> Int

    // MARK: Removal

    /// Removes the public link, the original and the variants. Counts what this call removes, including what
    /// an interrupted removal left.
    func remove(_ id: Identifier<Image>) throws -> MediaExtent

    /// Removes the public link and the variants, which can be rendered again. The original stays.
    func removeDerived(of id: Identifier<Image>) throws -> MediaExtent

    /// What `remove` would remove.
    func extent(of id: Identifier<Image>) throws -> MediaExtent

    // MARK: Consistency checks

    /// The images with files older than `age`, or with any files if it is nil. An original is stored before
    /// its row, so a young one without a row may belong to an upload in progress.
    ///
    /// - Parameter shard: one of `DataFolders.shards`.
    func contents(ofShard shard: String, olderThan age: Duration?) throws -> MediaContents

    /// The images of a shard that have a public link.
    func links(ofShard shard: String) throws -> Set<Identifier<Image>>

    func hasOriginals() throws -> Bool

    /// Removes unfinished files older than `age`, which crashes left. `age` must be longer than any upload or
    /// job takes. A folder counts as one file.
    func removeStale(olderThan age: Duration) throws -> MediaExtent

    /// What `removeStale` would remove.
    func extentOfStale(olderThan age: Duration) throws -> MediaExtent

    // MARK: Originals without a row. Only the operator removes them.

    /// Moves the original to a separate place. False if it does not exist.
    func moveToRecovered(_ id: Identifier<Image>) throws -> Bool

    /// Moves the original back to its place. False if it was not set aside, or if another one is in its
    /// place.
    @discardableResult
    func restoreOriginal(_ id: Identifier<Image>) throws -> Bool

    /// Images whose originals `moveToRecovered` moved away.
    func recovered() throws -> [Identifier<Image>]

    /// Calls `body` with the absolute paths of the files of those, and of others that are named after an
    /// image and were moved there by hand.
    func visitRecovered(_ body: (String) throws -> Void) throws
}

/// A public link that was created, but is not in its place yet.
public struct PreparedLink: Sendable {
    package let path: String

    package init(path: String) {
        self.path = path
    }
}

/// The images that have files.
public struct MediaContents: Sendable {
    public var originals: Set<Identifier<Image>> = []
    public var variants: Set<Identifier<Image>> = []

    public init(originals: Set<Identifier<Image>> = [], variants: Set<Identifier<Image>> = []) {
        self.originals = originals
        self.variants = variants
    }
}

extension MediaStore {
    public func receive() throws -> IncomingFile { try receive(written: nil) }

    /// Creates the public link if the image is public in the catalog. Then checks again, and removes the link
    /// if the image was made private meanwhile.
    public func link(_ id: Identifier<Image>, if isPublic: () throws -> Bool) throws {
        guard try isPublic() else { return }
        try link(id)
        if try !isPublic() { try unlink(id) }
    }

    public func hasWholeOriginal(_ image: Image) throws -> Bool {
        try length(ofOriginal: image.id, image.format) == image.bytes
    }

    /// Call it after the image's row was committed: moves its original back if a sweep, which saw no row yet,
    /// has set it aside.
    public func keepOriginal(of image: Image) throws {
        if try length(ofOriginal: image.id, image.format) == nil { try restoreOriginal(image.id) }
    }
}
