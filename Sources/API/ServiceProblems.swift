// Errors that only the routes of Multires have.
extension Problem {
    public static let registrationClosed = Problem(
        403, "forbidden", "Registration is closed on this server. Ask its operator for an account.")

    /// For requests of a signed-in account, which send only the password.
    public static let wrongPassword = invalidCredentials.saying("The password is wrong.")

    public static let tooManyKeys = quotaExceeded.saying(
        "The account has the maximum number of API keys. Revoke one first.")

    public static let invalidSignature = Problem(
        403, "invalid_signature",
        "The link has no valid signature. Request the image from the API again to get a new link.")

    public static let expiredSignature = Problem(
        403, "expired_signature",
        "The link has expired. Request the image from the API again to get a new link.")

    public static let notFailed = Problem(
        409, "not_failed", "Only a failed image can be retried.")

    public static let emptyUpload = invalidRequest(
        "The uploaded file is empty. Send a file that has content.")

    public static let unsupportedUpload = Problem(
        415, "unsupported_media_type",
        "This Content-Type is not supported for uploads. Send multipart/form-data with a part "
            + "named 'image', or the file itself as image/* or application/octet-stream.")

    public static let unsupportedImage = unsupportedMediaType.saying(
        "The file is not a JPEG, PNG, WebP, GIF, AVIF or HEIC image. Convert it to one of these "
            + "formats.")

    public static func unavailableFormat(_ name: String) -> Problem {
        unsupportedMediaType.saying(
            "This server currently cannot process \(name) images. Upload the image in another "
                + "format, or try again later.")
    }

    /// Seconds to wait when uploads in progress need the remaining disk space. By then some of them have
    /// ended.
    private static let uploadWait = 5

    public static let uploadSpaceReserved = noSpace.saying(
        "Uploads in progress need the remaining disk space. Try again in \(uploadWait) s."
    ).retrying(after: uploadWait)

    public static let accountUploadShareUsed = noSpace.saying(
        "Your uploads in progress use all the disk space that one account may reserve. Try again "
            + "in \(uploadWait) s."
    ).retrying(after: uploadWait)

    public static let accountQueueFull = Problem(
        429, "rate_limited",
        "Too many of your images are waiting to be rendered. Try again when some of them are done."
    ).retrying(after: 30)

    /// - Parameter part: the one that fails: `database`, `disk` or `queue`.
    public static func unhealthy(_ part: String) -> Problem {
        Problem(503, "busy", "The \(part) is unavailable or full. Check again in 10 s.")
            .retrying(after: 10).adding("part", part)
    }
}
