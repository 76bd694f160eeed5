import Gateway
import Model
import Operations
import Settings

/// Problems that only Multires' own routes have; the general ones are Gateway's.
extension Problem {
    public static let registrationClosed = Problem(
        status: 403, code: "forbidden", "Registration is closed on this server.")

    public static let tooManyKeys = quotaExceeded.saying(
        "The account has as many keys as it may have; revoke one first.")

    public static let invalidSignature = Problem(
        status: 403, code: "invalid_signature",
        "The link is not signed, or its signature does not fit; ask for the image again to get a "
            + "new link.")

    public static let expiredSignature = Problem(
        status: 403, code: "expired_signature",
        "The link has expired; ask for the image again to get a new one.")

    public static let notFailed = Problem(
        status: 409, code: "not_failed", "Only a failed image can be tried again.")

    public static let emptyUpload = invalidRequest("The upload is empty: no bytes arrived.")

    public static let unsupportedUpload = Problem(
        status: 415, code: "unsupported_media_type",
        "Send the photo as multipart/form-data with a part named image, "
            + "or as the body with Content-Type: image/*.")

    public static let unsupportedPhoto = unsupportedMediaType.saying(
        "This is no JPEG, PNG, WebP, GIF, AVIF or HEIC picture, whatever its name says.")

    public static func unavailableFormat(_ name: String) -> Problem {
        unsupportedMediaType.saying(
            "This server cannot take \(name) pictures at present. Save the picture in another format, or "
                + "upload it later.")
    }

    /// Seconds until an upload that others under way leave no room for is worth another try: some of
    /// those are over by then.
    private static let uploadWait = 5

    public static let uploadRoomTaken = noSpace.saying(
        "Uploads under way take what is left of the disk; try again in \(uploadWait) s."
    ).retrying(after: uploadWait)

    public static let uploadShareUsed = noSpace.saying(
        "Uploads of yours that are under way take as much of the disk as one account may; try again "
            + "in \(uploadWait) s."
    ).retrying(after: uploadWait)

    public static let accountQueueFull = Problem(
        status: 429, code: "rate_limited",
        "Too many of your images are waiting; try again when some are done."
    ).retrying(after: 30)

    public init(_ error: CatalogError) {
        self =
            switch error {
            case .quotaExceeded: .quotaExceeded
            case .tooManyKeys: .tooManyKeys
            case .accountQueueFull: .accountQueueFull
            case .queueFull, .busy: .busy(retryAfter: 10)
            case .idempotencyConflict: .idempotencyConflict
            case .noSpace: .noSpace
            case .unknownOutcome: .unknownOutcome(retryAfter: 5)
            case .emailTaken: .emailTaken
            case .leaseLost: .internal  // Only workers hold leases.
            }
    }

    public init(_ refusal: IngestRefusal) {
        self =
            switch refusal {
            case .empty: .emptyUpload
            case .unsupported: .unsupportedPhoto
            case .unavailable(let format): .unavailableFormat(format.name)
            }
    }

    /// The part that fails: `database`, `disk` or `queue`.
    public static func unhealthy(_ part: String) -> Problem {
        Problem(status: 503, code: "busy", "The \(part) is not well.").retrying(after: 10)
            .adding("part", part)
    }
}
