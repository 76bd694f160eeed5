import Model

/// An error response: a sentence that a person can act on, and a stable code for programs.
///
/// The static members here and in ServiceProblems.swift are all of the codes. The errors of nginx and
/// Apache have the same sentences (`ErrorTexts`).
public struct Problem: Error, Sendable {
    public let status: Int
    public let code: String
    /// What happened, which value was wrong and what to do, in one or two short sentences.
    public private(set) var sentence: String
    /// Members of the JSON response besides `error` and `code`.
    public private(set) var members: [String: any Encodable & Sendable] = [:]
    public private(set) var headers: [String: String] = [:]

    init(_ status: Int, _ code: String, _ sentence: String) {
        self.status = status
        self.code = code
        self.sentence = sentence
    }

    /// The body is not JSON, or a member or parameter is missing or has a wrong value.
    ///
    /// - Parameter sentence: names the member or parameter.
    public static func invalidRequest(_ sentence: String) -> Problem {
        Problem(400, "invalid_request", sentence)
    }

    public static let invalidEmail = Problem(
        400, "invalid_email", "The email must be an address such as name@example.org.")

    /// - Parameter sentence: the rule that the password breaks.
    public static func weakPassword(_ sentence: String) -> Problem {
        Problem(400, "weak_password", sentence)
    }

    public static let invalidCredentials = Problem(
        401, "invalid_credentials", "The email or the password is wrong.")

    public static let missingToken = Problem(
        401, "missing_token",
        "The request has no access token or API key. Send one as 'Authorization: Bearer …'."
    ).bearer
    public static let invalidToken = Problem(
        401, "invalid_token", "The token is not valid. Sign in to get a new one."
    ).bearer
    public static let expiredToken = Problem(
        401, "expired_token", "The token has expired. Refresh it, or sign in again."
    ).bearer
    public static let revokedToken = Problem(
        401, "revoked_token", "The token was revoked. Sign in again."
    ).bearer

    public static let forbidden = Problem(
        403, "forbidden", "The API key's scopes do not allow this request.")
    public static let quotaExceeded = Problem(
        403, "quota_exceeded",
        "The account's quota of images or bytes is used up. Delete some images first.")

    public static let notFound = Problem(404, "not_found", "There is nothing at this address.")

    /// - Parameter allow: the methods that the address accepts.
    public static func methodNotAllowed(allow: [String]) -> Problem {
        let list = allow.joined(separator: ", ")
        return Problem(405, "method_not_allowed", ErrorTexts.methodNotAllowed(list))
            .addingHeader("Allow", list)
    }

    public static let emailTaken = Problem(
        409, "email_taken", "An account with this email already exists. Sign in instead.")
    public static let idempotencyConflict = Problem(
        409, "idempotency_conflict",
        "This Idempotency-Key was already used with other content. Use a new key.")

    public static func tooLarge(limitBytes: Int64) -> Problem {
        Problem(413, "too_large", ErrorTexts.tooLarge("\(limitBytes)"))
            .adding("limitBytes", limitBytes)
    }

    public static let preconditionFailed = Problem(
        412, "invalid_request", ErrorTexts.preconditionFailed)

    public static func rangeNotSatisfiable(size: Int64) -> Problem {
        Problem(416, "invalid_request", ErrorTexts.rangeNotSatisfiable)
            .addingHeader("Content-Range", "bytes */\(size)")
    }

    public static let unsupportedMediaType = Problem(
        415, "unsupported_media_type", "The type of the content is not supported.")

    /// - Parameter retryAfter: in seconds.
    public static func rateLimited(retryAfter: Int) -> Problem {
        Problem(429, "rate_limited", ErrorTexts.rateLimited("\(retryAfter)")).retrying(
            after: retryAfter)
    }

    /// - Parameter retryAfter: in seconds.
    public static func busy(retryAfter: Int) -> Problem {
        Problem(503, "busy", ErrorTexts.busy("\(retryAfter)")).retrying(after: retryAfter)
    }

    /// The change may or may not be stored. The client can send the request again: it is stored once.
    ///
    /// - Parameter retryAfter: in seconds.
    public static func unknownOutcome(retryAfter: Int) -> Problem {
        Problem(
            503, "unknown_outcome",
            "The disk failed during the write, so the change may or may not be stored. Send the "
                + "request again in \(retryAfter) s; nothing is stored twice."
        )
        .retrying(after: retryAfter)
    }

    public static let noSpace = Problem(
        507, "no_space", RenderFailure.noSpace.sentence)
    public static let `internal` = Problem(500, "internal", ErrorTexts.internalError)

    /// A copy with one more member in the response.
    public func adding(_ name: String, _ member: some Encodable & Sendable) -> Problem {
        var copy = self
        copy.members[name] = member
        return copy
    }

    /// A copy with another sentence.
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

    /// A copy that names the scheme, for a 401 because of a missing or bad token (RFC 9110, section 11.6.1).
    private var bearer: Problem { addingHeader("WWW-Authenticate", "Bearer") }

    /// A copy with `retryAfter` and the header `Retry-After` (RFC 9110, section 10.2.3), in seconds.
    public func retrying(after seconds: Int) -> Problem {
        adding("retryAfter", seconds).addingHeader("Retry-After", String(seconds))
    }
}

/// The JSON form of every error: `{"error", "code", …}`.
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
