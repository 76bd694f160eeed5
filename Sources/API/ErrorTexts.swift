import Model

/// Error sentences that nginx and Apache send as well as the responders. Each is written only here.
///
/// The templates have them between double quotes, so they contain no `"` and no backslash, and `$` only in
/// a variable of nginx.
public enum ErrorTexts {
    static let internalError =
        "The server could not process the request. Try again in a moment."
    static let preconditionFailed =
        "The file does not meet the condition in If-Match or If-Unmodified-Since. Get its current "
        + "version first."
    static let rangeNotSatisfiable =
        "The requested byte range is outside the file. Request a range within it or the whole file."

    /// - Parameter methods: those that the address accepts, separated by commas.
    static func methodNotAllowed(_ methods: String) -> String {
        "The method is not allowed at this address. Allowed methods: \(methods)."
    }

    static func tooLarge(_ limitBytes: String) -> String {
        "The image or the request body is larger than the limit of \(limitBytes) bytes. Send a "
            + "smaller one."
    }

    /// - Parameter seconds: to wait.
    static func rateLimited(_ seconds: String) -> String {
        "Too many requests. Try again in \(seconds) s."
    }

    /// - Parameter seconds: to wait.
    static func busy(_ seconds: String) -> String {
        "The service is busy and stored nothing. Try again in \(seconds) s."
    }

    /// Values for the templates of nginx's and Apache's files. Numbers and methods that vary are variables
    /// of nginx.
    public static var templateValues: [String: String] {
        [
            "TEXT_INTERNAL": internalError,
            "TEXT_INVALID_SIGNATURE": Problem.invalidSignature.sentence,
            "TEXT_EXPIRED_SIGNATURE": Problem.expiredSignature.sentence,
            "TEXT_NOT_FOUND": Problem.notFound.sentence,
            "TEXT_METHOD": methodNotAllowed("$multires_error_methods"),
            "TEXT_PRECONDITION": preconditionFailed,
            "TEXT_TOO_LARGE": tooLarge("$multires_error_limit"),
            "TEXT_RANGE": rangeNotSatisfiable,
            "TEXT_RATE_LIMITED": rateLimited("$multires_wait"),
            "TEXT_BUSY": busy("$multires_wait"),
            "TEXT_NO_SPACE": Problem.noSpace.sentence,
        ]
    }
}
