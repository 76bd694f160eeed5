import API
import Foundation
import Testing

@testable import Gateway

@Suite("Problems")
struct ProblemTests {
    private func json(_ response: Response) throws -> [String: Any] {
        guard case .bytes(let bytes) = response.body else { return [:] }
        return try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test(
        "Every error code has the documented status",
        arguments: [
            (Problem.invalidRequest("Why."), 400, "invalid_request"),
            (.invalidEmail, 400, "invalid_email"),
            (.weakPassword("Why."), 400, "weak_password"),
            (.invalidCredentials, 401, "invalid_credentials"),
            (.missingToken, 401, "missing_token"),
            (.invalidToken, 401, "invalid_token"),
            (.expiredToken, 401, "expired_token"),
            (.revokedToken, 401, "revoked_token"),
            (.forbidden, 403, "forbidden"),
            (.quotaExceeded, 403, "quota_exceeded"),
            (.notFound, 404, "not_found"),
            (.methodNotAllowed(allow: ["GET"]), 405, "method_not_allowed"),
            (.emailTaken, 409, "email_taken"),
            (.idempotencyConflict, 409, "idempotency_conflict"),
            (.tooLarge(limitBytes: 5), 413, "too_large"),
            (.unsupportedMediaType, 415, "unsupported_media_type"),
            (.rateLimited(retryAfter: 3), 429, "rate_limited"),
            (.internal, 500, "internal"),
            (.busy(retryAfter: 3), 503, "busy"),
            (.noSpace, 507, "no_space"),
        ])
    func table(problem: Problem, status: Int, code: String) throws {
        let response = problem.response(requestID: "id-1")
        #expect(response.status == status)
        let members = try json(response)
        #expect(members["code"] as? String == code)
        #expect(members["requestId"] as? String == "id-1")
        let sentence = try #require(members["error"] as? String)
        #expect(sentence.hasSuffix("."))
        #expect(response.headers.contains { $0 == ("Content-Type", "application/json") })
        #expect(response.headers.contains { $0 == ("Cache-Control", "no-store") })
    }

    @Test("Token errors name the Bearer scheme, wrong credentials do not")
    func scheme() {
        for problem in [Problem.missingToken, .invalidToken, .expiredToken, .revokedToken] {
            #expect(problem.headers["WWW-Authenticate"] == "Bearer")
        }
        #expect(Problem.invalidCredentials.headers.isEmpty)
    }

    @Test("Limits and waits are in the body, waits also in Retry-After")
    func numbers() throws {
        #expect(
            try json(Problem.tooLarge(limitBytes: 5).response(requestID: ""))["limitBytes"] as? Int
                == 5)
        for problem in [Problem.rateLimited(retryAfter: 3), .busy(retryAfter: 3)] {
            #expect(problem.headers["Retry-After"] == "3")
            #expect(try json(problem.response(requestID: ""))["retryAfter"] as? Int == 3)
        }
    }

    @Test("Members can be added to a problem, and its sentence can be replaced")
    func adding() throws {
        let problem = Problem.expiredToken.adding("valid", false).saying("Gone by.")
        let members = try json(problem.response(requestID: ""))
        #expect(members["valid"] as? Bool == false)
        #expect(members["error"] as? String == "Gone by.")
        #expect(members["code"] as? String == "expired_token")
    }

    @Test(
        "A wrong value is shown without control characters, and at most 64 bytes of it",
        arguments: [
            ("9999", "9999"), ("", ""), ("it's \"ü\"", "it's \"ü\""),
            ("a\u{1B}[2J\n\0", #"a\u{1b}[2J\u{a}\u{0}"#),
            (String(repeating: "a", count: 64), String(repeating: "a", count: 64)),
            (String(repeating: "a", count: 65), String(repeating: "a", count: 64) + "…"),
            (String(repeating: "a", count: 64) + "🦊", String(repeating: "a", count: 64) + "…"),
            (String(repeating: "€", count: 3000), String(repeating: "€", count: 21) + "…"),
        ] as [(String, String)])
    func values(_ value: String, _ shown: String) {
        let problem = Problem.invalidValue("fit", value, "is not cover or inside.")
        #expect(problem.status == 400)
        #expect(problem.code == "invalid_request")
        #expect(problem.sentence == "fit: '\(shown)' is not cover or inside.")
    }

    @Test("A nullable member without a value is null; an ordinary optional one is left out")
    func nullable() throws {
        struct Answer: Encodable {
            @Nullable var shown: Int?
            var left: Int?
            @Nullable var text: String?
        }
        guard case .bytes(let bytes) = Response.json(200, Answer(shown: nil, text: "a")).body else {
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"shown":null,"text":"a"}"#)
    }
}
