import Model

/// An error that the client is told: a sentence that a person can act on and a code for programs.
///
/// The static members are the whole list of codes. nginx's and Apache's own errors get the same
/// sentences (`ErrorTexts`).
public struct Problem: Error, Sendable {
    public let status: Int
    public let code: String
    public private(set) var sentence: String
    public private(set) var members: [String: any Encodable & Sendable] = [:]
    public private(set) var headers: [String: String] = [:]

    init(_ status: Int, _ code: String, _ sentence: String) {
        self.status = status
        self.code = code
        self.sentence = sentence
    }

    /// The body is no JSON, or a member is missing or of the wrong type; the sentence names it.
    public static func invalidRequest(_ sentence: String) -> Problem {
        Problem(400, "invalid_request", sentence)
    }

    public static let invalidEmail = Problem(
        400, "invalid_email", "The email must be an address such as name@example.org.")

    /// - Parameter sentence: the rule that the password broke.
    public static func weakPassword(_ sentence: String) -> Problem {
        Problem(400, "weak_password", sentence)
    }

    public static let invalidCredentials = Problem(
        401, "invalid_credentials", "The email or the password is wrong.")

    public static let missingToken = Problem(
        401, "missing_token", "This needs a token: send it as 'Authorization: Bearer …'."
    ).bearer
    public static let invalidToken = Problem(401, "invalid_token", "The token is not valid.").bearer
    public static let expiredToken = Problem(401, "expired_token", "The token has expired.").bearer
    public static let revokedToken = Problem(
        401, "revoked_token", "The token was revoked; sign in again."
    ).bearer

    public static let forbidden = Problem(403, "forbidden", "The key's scopes do not allow this.")
    public static let quotaExceeded = Problem(
        403, "quota_exceeded", "The account's quota is used up; delete something first.")

    public static let notFound = Problem(404, "not_found", "There is nothing at this address.")

    /// - Parameter allow: the methods that the address does take.
    public static func methodNotAllowed(allow: [String]) -> Problem {
        let list = allow.joined(separator: ", ")
        return Problem(405, "method_not_allowed", ErrorTexts.methodNotAllowed(list))
            .addingHeader("Allow", list)
    }

    public static let emailTaken = Problem(
        409, "email_taken", "There is an account with this email already.")
    public static let idempotencyConflict = Problem(
        409, "idempotency_conflict", "The Idempotency-Key was used with other content.")

    public static func tooLarge(limitBytes: Int64) -> Problem {
        Problem(413, "too_large", ErrorTexts.tooLarge("\(limitBytes)"))
            .adding("limitBytes", limitBytes)
    }

    public static let preconditionFailed = Problem(
        412, "invalid_request", ErrorTexts.preconditionFailed)

    public static func noSuchRange(size: Int64) -> Problem {
        Problem(416, "invalid_request", ErrorTexts.noSuchRange)
            .addingHeader("Content-Range", "bytes */\(size)")
    }

    public static let unsupportedMediaType = Problem(
        415, "unsupported_media_type", "The content is of no type that is accepted here.")

    /// - Parameter retryAfter: in seconds.
    public static func rateLimited(retryAfter: Int) -> Problem {
        Problem(429, "rate_limited", ErrorTexts.rateLimited("\(retryAfter)")).retrying(
            after: retryAfter)
    }

    /// - Parameter retryAfter: in seconds.
    public static func busy(retryAfter: Int) -> Problem {
        Problem(503, "busy", ErrorTexts.busy("\(retryAfter)")).retrying(after: retryAfter)
    }

    /// The change may be stored or not.
    ///
    /// - Parameter retryAfter: in seconds.
    public static func unknownOutcome(retryAfter: Int) -> Problem {
        Problem(
            503, "unknown_outcome",
            "The disk failed while this was stored, so it may be stored or not; send it again in "
                + "\(retryAfter) s, and nothing is doubled."
        )
        .retrying(after: retryAfter)
    }

    public static let noSpace = Problem(
        507, "no_space", RenderFailure.noSpace.sentence)
    public static let `internal` = Problem(500, "internal", ErrorTexts.internalError)

    /// The same with a member more in the answer.
    public func adding(_ name: String, _ member: some Encodable & Sendable) -> Problem {
        var copy = self
        copy.members[name] = member
        return copy
    }

    /// The same in other words.
    public func saying(_ sentence: String) -> Problem {
        var copy = self
        copy.sentence = sentence
        return copy
    }

    func addingHeader(_ name: String, _ value: String) -> Problem {
        var copy = self
        copy.headers[name] = value
        return copy
    }

    /// RFC 9110, section 11.6.1: a 401 for want of a good token names the scheme.
    private var bearer: Problem { addingHeader("WWW-Authenticate", "Bearer") }

    /// The same with `Retry-After` (RFC 9110, section 10.2.3), in seconds.
    public func retrying(after seconds: Int) -> Problem {
        adding("retryAfter", seconds).addingHeader("Retry-After", String(seconds))
    }
}

/// The contract's form: `{"error", "code", …}`.
extension Problem: Encodable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        try container.encode(sentence, forKey: Name(stringValue: "error"))
        try container.encode(code, forKey: Name(stringValue: "code"))
        for (name, member) in members {
            try container.encode(member, forKey: Name(stringValue: name))
        }
    }
}
