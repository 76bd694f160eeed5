import Model

/// Files and their bytes.
public typealias MediaExtent = (files: Int, bytes: Int64)

/// Where originals and variants are kept. What is stored survives a power cut before a call returns, and
/// appears whole or not at all; an id's names are its own, whatever else is there.
///
/// Calls that store throw `MediaError.noSpace`; all throw `SystemError` for faults.
public protocol MediaStore: Sendable {
    /// Makes what it needs, as far as it is not there. Throws `Unusable` where it cannot be kept.
    func prepare() throws

    /// Bytes that may still be filled.
    func freeBytes() throws -> Int64

    // MARK: Originals

    /// - Parameter written: as `IncomingFile` says; nil when there is no such file.
    func receive(written: String?) throws -> IncomingFile

    /// Makes what was received an image's original. When this throws, nothing is left of it.
    ///
    /// - Returns: the SHA-256 of its bytes.
    func store(
        _ file: consuming IncomingFile, as id: Identifier<Image>, _ format: ImageFormat
    ) throws -> [UInt8]

    /// An upload whose bytes the account has already: removes its file, or, when the earlier one's
    /// original was lost, puts it in that place.
    func settleDuplicate(_ copy: Image, of earlier: Image) throws

    /// Calls `body` with the path of a file that holds the original until it returns. Throws
    /// `MediaError.missing` when there is none.
    func withOriginal<Result>(
        _ id: Identifier<Image>, _ format: ImageFormat, _ body: (String) throws -> Result
    ) throws -> Result

    /// Length of the original in bytes; nil when it is not there.
    func length(ofOriginal id: Identifier<Image>, _ format: ImageFormat) throws -> Int64?

    // MARK: Variants

    /// Makes a job's folder the image's variants, in the place of any that an earlier attempt left.
    /// Throws when anything in it is not a regular file: nginx trusts what is published, so no link gets in.
    func publish(_ jobFolder: String, as id: Identifier<Image>) throws

    /// Adds a job's files to the image's variants, each at once; those of other names stay. Throws as
    /// `publish` does.
    func merge(_ jobFolder: String, into id: Identifier<Image>) throws

    /// Likewise `withOriginal`.
    func withVariant<Result>(
        _ variant: Variant, of id: Identifier<Image>, _ body: (String) throws -> Result
    ) throws -> Result

    /// Length of a variant's file in bytes; nil when it is not there.
    func length(of variant: Variant, of id: Identifier<Image>) throws -> Int64?

    /// Removes the image's variants but these, and but what is younger than `age`, as a job in hand
    /// may be adding to them.
    func removeVariants(
        of id: Identifier<Image>, but kept: [Variant], olderThan age: Duration
    ) throws -> MediaExtent

    // MARK: The public link: an image's public addresses answer while it is there. It follows the image's
    // row: whoever changes the row changes the link as well.

    func isLinked(_ id: Identifier<Image>) throws -> Bool

    /// Makes the link. Fine when it is there.
    func link(_ id: Identifier<Image>) throws

    /// Removes the link, for good, before it returns. Fine when there is none.
    func unlink(_ id: Identifier<Image>) throws

    /// Removes the links of images whose deletion has begun: at once, so that their addresses end
    /// whatever becomes of whoever deletes them. `remove` does it again before the row goes, reports
    /// what fails, and makes it last through a power cut.
    func unlinkDeleted(_ ids: [Identifier<Image>])

    /// Makes what takes room of a link, before the row says that there is one.
    func prepareLink(of id: Identifier<Image>) throws -> PreparedLink

    /// When the row did not change.
    func discard(_ link: PreparedLink)

    /// Puts the link in its place if the catalog says so, as `link(_:if:)` does. When this throws, the
    /// worker tries it again.
    func place(
        _ prepared: PreparedLink, of id: Identifier<Image>, if isPublic: () throws -> Bool
    ) throws

    /// Runs `body`, which makes the image private, with the link out of the way, and leaves it away. When
    /// `body` throws and nothing changed, so that `isPublic` still holds, the link comes back, and needs
    /// no room for that. When nobody knows what changed, it stays away until the worker has read the row.
    /// Once `body` has returned nothing is thrown, since the image is private then.
    func hidingLink<Result>(
        of id: Identifier<Image>, backWhile isPublic: () throws -> Bool, _ body: () throws -> Result
    ) throws -> Result

    /// Makes links agree with the rows of images whose requests were cut short between the two. Costs
    /// little when there are none. How many were changed.
    func repairUnfinishedLinks(isPublic: (Identifier<Image>) throws -> Bool) throws -> Int

    // MARK: Removal

    /// Removes the public link, the original and the variants. Whatever is gone already is not
    /// counted, and what an interrupted removal left is.
    func remove(_ id: Identifier<Image>) throws -> MediaExtent

    /// Removes the public link and the variants, which can be made again. The original stays.
    func removeDerived(of id: Identifier<Image>) throws -> MediaExtent

    /// What `remove` would find.
    func extent(of id: Identifier<Image>) throws -> MediaExtent

    // MARK: Consistency checks

    /// What is there for longer than `age`, or at all when that is nil: an original comes before its
    /// row, so one that has none yet may be an upload of this moment.
    ///
    /// - Parameter shard: one of `DataFolders.shards`.
    func contents(ofShard shard: String, olderThan age: Duration?) throws -> MediaContents

    /// The images of a shard that have a public link.
    func links(ofShard shard: String) throws -> Set<Identifier<Image>>

    func hasOriginals() throws -> Bool

    /// Removes what crashes left unfinished for longer than `age`, which is longer than any upload or
    /// job takes. A folder counts as one file.
    func removeStale(olderThan age: Duration) throws -> MediaExtent

    /// What `removeStale` would remove.
    func extentOfStale(olderThan age: Duration) throws -> MediaExtent

    // MARK: Originals without a row. Only a person removes them.

    /// Moves the original to a place of its own. False when it is not there.
    func setAside(_ id: Identifier<Image>) throws -> Bool

    /// Moves the original back to its place. False when it was not set aside, or when another is in that
    /// place.
    @discardableResult
    func takeBack(_ id: Identifier<Image>) throws -> Bool

    /// Images whose originals `setAside` moved away.
    func recovered() throws -> [Identifier<Image>]

    /// The files of those, and of others that were named after an image and moved there by hand, as
    /// absolute paths.
    func visitRecovered(_ body: (String) throws -> Void) throws
}

/// A public link that is made, but not in its place.
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

    /// Makes the public link if the catalog says that the image is public, and looks again then: whoever
    /// makes it private meanwhile changes the row and then removes the link again.
    public func link(_ id: Identifier<Image>, if isPublic: () throws -> Bool) throws {
        guard try isPublic() else { return }
        try link(id)
        if try !isPublic() { try unlink(id) }
    }

    public func hasWholeOriginal(_ image: Image) throws -> Bool {
        try length(ofOriginal: image.id, image.format) == image.bytes
    }

    /// After the image's row was committed: brings its original back when a sweep, which saw no row
    /// yet, has set it aside.
    public func keepOriginal(of image: Image) throws {
        if try length(ofOriginal: image.id, image.format) == nil { try takeBack(image.id) }
    }
}
