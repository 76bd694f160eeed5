// Problems that only Multires' own routes have.
extension Problem {
    public static let registrationClosed = Problem(
        403, "forbidden", "Registration is closed on this server.")

    public static let tooManyKeys = quotaExceeded.saying(
        "The account has as many keys as it may have; revoke one first.")

    public static let invalidSignature = Problem(
        403, "invalid_signature",
        "The link is not signed, or its signature does not fit; ask for the image again to get a "
            + "new link.")

    public static let expiredSignature = Problem(
        403, "expired_signature",
        "The link has expired; ask for the image again to get a new one.")

    public static let notFailed = Problem(
        409, "not_failed", "Only a failed image can be tried again.")

    public static let emptyUpload = invalidRequest("The upload is empty: no bytes arrived.")

    public static let unsupportedUpload = Problem(
        415, "unsupported_media_type",
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
        429, "rate_limited",
        "Too many of your images are waiting; try again when some are done."
    ).retrying(after: 30)

    /// The part that fails: `database`, `disk` or `queue`.
    public static func unhealthy(_ part: String) -> Problem {
        Problem(503, "busy", "The \(part) is not well.").retrying(after: 10).adding("part", part)
    }
}
