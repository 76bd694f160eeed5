import API
import Foundation
import Processes
import Testing

@testable import Gateway

@Suite("Responses")
struct AnswerTests {
    private final class Lines {
        private(set) var all: [String] = []

        func write(
            _ level: String, _ program: String, _ message: String,
            _ fields: [(name: String, value: LogRecord.Value)]
        ) {
            for case ("requestId", .text(let id)) in fields {
                all.append("\(level) \(id) \(message)")
            }
        }
    }

    private let lines = Lines()
    private let id = "00000000000000000000000000000001"

    /// The header lines and the body that are sent.
    private func sent(
        _ method: String = "GET", _ target: String = "/a?secret=1",
        respond: (Request) throws -> Response
    ) throws -> (head: [String], body: String) {
        let exchange = MemoryExchange(
            variables: ["REQUEST_METHOD": method, "REQUEST_URI": target, "REQUEST_ID": id])
        answer(exchange, program: "test", log: lines.write, respond: respond)
        let text = try #require(String(validating: exchange.sent, as: UTF8.self))
        let end = try #require(text.range(of: "\r\n\r\n"))
        return (
            text[..<end.lowerBound].components(separatedBy: "\r\n"), String(text[end.upperBound...])
        )
    }

    @Test("A response is a CGI header with the request id, and a body")
    func form() throws {
        let (head, body) = try sent { _ in .json(200, ["a": "/ü"]).adding("ETag", "\"1\"") }
        #expect(
            head == [
                "Status: 200 OK", "X-Request-Id: \(id)", "Content-Type: application/json",
                "Cache-Control: no-store", "ETag: \"1\"", "Content-Length: 11",
            ])
        #expect(body == #"{"a":"/ü"}"#)
    }

    @Test("The response to HEAD has the header of GET and no body")
    func head() throws {
        let (head, body) = try sent("HEAD") { _ in .json(200, [1, 2]) }
        #expect(head.contains("Content-Length: 5"))
        #expect(body == "")
    }

    @Test("A 204 response has neither a body nor a Content-Length")
    func empty() throws {
        let (head, body) = try sent { _ in .empty(204) }
        #expect(head == ["Status: 204 No Content", "X-Request-Id: \(id)"])
        #expect(body == "")
    }

    @Test("A header value cannot inject another header")
    func injection() throws {
        let (head, _) = try sent { _ in
            Response.empty(204).adding("Location", "/a\r\nSet-Cookie: b\u{0}c")
        }
        #expect(head.contains("Location: /a  Set-Cookie: b c"))
        #expect(head.count == 3)
    }

    @Test("A request writes one log line with id, path, status and time, without the query")
    func logRecord() throws {
        _ = try sent("GET", "/a%20b?token=secret") { _ in .json(200, [1, 2]) }
        let line = try #require(lines.all.first)
        #expect(lines.all.count == 1)
        #expect(line.hasPrefix("info \(id) GET /a%20b 200 "))
        #expect(line.hasSuffix(" ms 5 bytes"))
        #expect(!line.contains("secret"))
    }

    @Test("A thrown Problem becomes the response and is not logged as an error")
    func problem() throws {
        let (head, body) = try sent { _ in throw Problem.busy(retryAfter: 7) }
        #expect(head.contains("Status: 503 Service Unavailable"))
        #expect(head.contains("Retry-After: 7"))
        #expect(body.contains("\"retryAfter\":7"))
        #expect(lines.all.count == 1)
    }

    @Test(
        "A thrown error that is not a Problem is logged once and answered 500, without its details")
    func uncaught() throws {
        struct Failure: Error {}
        let (head, body) = try sent { _ in throw Failure() }
        #expect(head.contains("Status: 500 Internal Server Error"))
        #expect(body.contains("\"code\":\"internal\""))
        #expect(body.contains(id))
        #expect(!body.contains("Failure"))
        let errors = lines.all.filter { $0.hasPrefix("error") }
        #expect(errors == ["error \(id) Failure: Failure()"])
    }
}
