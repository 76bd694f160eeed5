import Media
import Model
import Settings

/// What its owner says of a photo.
public struct NewPhoto: Sendable {
    public var owner: Identifier<Account>
    /// Cleaned (`FileName`).
    public var name: String
    public var fit: Fit
    public var visibility: Visibility
    public var alt: String
    public var idempotencyKey: String?
    /// The request that brings it, for the log lines about its job.
    public var requestID: String?

    public init(
        owner: Identifier<Account>, name: String, fit: Fit, visibility: Visibility,
        alt: String = "", idempotencyKey: String? = nil, requestID: String? = nil
    ) {
        (self.owner, self.name, self.fit, self.visibility) = (owner, name, fit, visibility)
        (self.alt, self.idempotencyKey, self.requestID) = (alt, idempotencyKey, requestID)
    }
}

/// Why bytes become no image.
public enum IngestRefusal: Error, Hashable {
    case empty
    /// They begin as no picture of a format that is taken.
    case unsupported
    /// This machine's libraries make no sizes of the format at present.
    case unavailable(ImageFormat)
}

public enum Ingested: Sendable {
    /// Original, row and job are on the disk, and the worker knows.
    case added(Image, job: Identifier<Job>)
    /// The account has these bytes with this fit already, as this image. What was received is gone.
    case duplicate(Image, job: Identifier<Job>)
}

extension Operations {
    /// Whether a photo of this format gets sizes here. Throws `IngestRefusal`.
    public func checkFormat(_ format: ImageFormat?) throws -> ImageFormat {
        guard let format else { throw IngestRefusal.unsupported }
        let fault = FormatRecord(configuration.folders).faults().fault(
            preventing: format, with: configuration.preset)
        guard fault == nil else { throw IngestRefusal.unavailable(format) }
        return format
    }

    /// Makes what was received an image. File before row: a crash in between leaves a file without a row,
    /// which a sweep moves to `recovered/`. The file goes only with a refusal, after which there is no row
    /// for certain.
    ///
    /// Throws `IngestRefusal`, `CatalogError`, `MediaError.noSpace`, and `Unfinished` when the row is
    /// stored, but not what belongs to it: sent again, that is done.
    public func ingest(
        _ file: consuming IncomingFile, as photo: NewPhoto, within allowance: Allowance
    ) throws -> Ingested {
        guard file.bytes > 0 else { throw IngestRefusal.empty }
        let format = try checkFormat(file.format)
        let image = Image(
            id: Identifier(), account: photo.owner, originalName: photo.name, alt: photo.alt,
            format: format, fit: photo.fit, visibility: photo.visibility, bytes: file.bytes,
            uploadedAt: .now())
        let digest = try media.store(file, as: image.id, format)
        let admission: Admission
        do {
            admission = try catalog.images.add(
                NewImage(
                    image: image, digest: digest, idempotencyKey: photo.idempotencyKey,
                    requestID: photo.requestID),
                within: allowance)
        } catch let refusal as CatalogError where refusal != .unknownOutcome {
            _ = try media.remove(image.id)
            throw refusal
        }
        do {
            switch admission {
            case .added(let job):
                try media.keepOriginal(of: image)
                wakeUp.wake()
                return .added(image, job: job)
            case .duplicate(let earlier, let job):
                try media.settleDuplicate(image, of: earlier)
                return .duplicate(earlier, job: job)
            }
        } catch { throw Unfinished(cause: error) }
    }
}
