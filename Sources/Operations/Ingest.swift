import Media
import Model
import Settings

/// What a client states about an upload.
public struct NewUpload: Sendable {
    public var owner: Identifier<Account>
    /// Already cleaned (`FileName`).
    public var name: String
    public var fit: Fit
    public var visibility: Visibility
    public var alt: String
    public var idempotencyKey: String?
    /// Id of the upload's request, for log lines about the job.
    public var requestID: String?

    public init(
        owner: Identifier<Account>, name: String, fit: Fit, visibility: Visibility,
        alt: String = "", idempotencyKey: String? = nil, requestID: String? = nil
    ) {
        (self.owner, self.name, self.fit, self.visibility) = (owner, name, fit, visibility)
        (self.alt, self.idempotencyKey, self.requestID) = (alt, idempotencyKey, requestID)
    }
}

/// Why an upload is refused.
public enum IngestRefusal: Error, Hashable {
    case empty
    /// The first bytes are not those of a supported format.
    case unsupported
    /// This machine's libraries currently cannot render images of this format.
    case unavailable(ImageFormat)
}

public enum Ingested: Sendable {
    /// Original, row and job are stored durably, and the worker has been woken.
    case added(Image, job: Identifier<Job>)
    /// The account already has these bytes with this fit, as this image. The received file was removed, or
    /// replaces the image's original if that was lost.
    case duplicate(Image, job: Identifier<Job>)
}

extension Operations {
    /// Returns the format if this machine can render it, and throws `IngestRefusal` otherwise.
    ///
    /// - Parameter format: as detected; nil when it is not a supported one.
    public func checkFormat(_ format: ImageFormat?) throws -> ImageFormat {
        guard let format else { throw IngestRefusal.unsupported }
        let fault = FormatRecord(configuration.folders).faults().fault(
            preventing: format, with: configuration.preset)
        guard fault == nil else { throw IngestRefusal.unavailable(format) }
        return format
    }

    /// Makes a received file an image. The file is stored before the row: a crash in between leaves a file
    /// without a row, which a sweep moves to `recovered/`. The file is removed only after a refusal, when it
    /// is certain that there is no row.
    ///
    /// Throws `IngestRefusal`, `CatalogError`, `MediaError.noSpace`, and `Unfinished` when the row is stored
    /// but a later step failed: sending the upload again completes it.
    public func ingest(
        _ file: consuming IncomingFile, as photo: NewUpload, within allowance: Allowance
    ) throws -> Ingested {
        guard file.bytes > 0 else { throw IngestRefusal.empty }
        let format = try checkFormat(file.format)
        let image = Image(
            id: Identifier(), account: photo.owner, originalName: photo.name, alt: photo.alt,
            format: format, fit: photo.fit, visibility: photo.visibility, bytes: file.bytes,
            uploadedAt: .now())
        let digest = try media.store(file, as: image.id, format)
        let result: AddImageResult
        do {
            result = try catalog.images.add(
                NewImage(
                    image: image, digest: digest, idempotencyKey: photo.idempotencyKey,
                    requestID: photo.requestID),
                within: allowance)
        } catch let refusal as CatalogError where refusal != .unknownOutcome {
            _ = try media.remove(image.id)
            throw refusal
        }
        do {
            switch result {
            case .added(let job):
                try media.keepOriginal(of: image)
                wakeWorker.forJob()
                return .added(image, job: job)
            case .duplicate(let earlier, let job):
                try media.resolveDuplicate(image, of: earlier)
                return .duplicate(earlier, job: job)
            }
        } catch { throw Unfinished(cause: error) }
    }
}
