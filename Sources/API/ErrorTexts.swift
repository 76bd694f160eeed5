import Model

/// Sentences of errors that nginx and Apache tell as well as the responders: each has this one source.
public enum ErrorTexts {
    static let internalError =
        "The server could not answer; please try again in a moment."
    static let preconditionFailed = "The file is not in the state that the request asks for."
    static let noSuchRange = "The file has no such range of bytes."

    /// - Parameter methods: that the address does take.
    static func methodNotAllowed(_ methods: String) -> String {
        "This address takes only \(methods)."
    }

    static func tooLarge(_ limitBytes: String) -> String {
        "This is larger than the limit of \(limitBytes) bytes."
    }

    /// - Parameter seconds: to wait.
    static func rateLimited(_ seconds: String) -> String {
        "Too many requests; try again in \(seconds) s."
    }

    /// - Parameter seconds: to wait.
    static func busy(_ seconds: String) -> String {
        "The service is busy and stored nothing; try again in \(seconds) s."
    }

    /// For the templates of nginx's and Apache's files. `variables` are those of nginx that stand for
    /// what a sentence names.
    public static var templateValues: [String: String] {
        [
            "TEXT_INTERNAL": internalError,
            "TEXT_INVALID_SIGNATURE": Problem.invalidSignature.sentence,
            "TEXT_EXPIRED_SIGNATURE": Problem.expiredSignature.sentence,
            "TEXT_NOT_FOUND": Problem.notFound.sentence,
            "TEXT_METHOD": methodNotAllowed("$multires_error_methods"),
            "TEXT_PRECONDITION": preconditionFailed,
            "TEXT_TOO_LARGE": tooLarge("$multires_error_limit"),
            "TEXT_RANGE": noSuchRange,
            "TEXT_RATE_LIMITED": rateLimited("$multires_wait"),
            "TEXT_BUSY": busy("$multires_wait"),
            "TEXT_NO_SPACE": Problem.noSpace.sentence,
        ]
    }
}
