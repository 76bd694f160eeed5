import Foundation
import Support
import Testing

/// The access log: one JSON object a line, fit for being read by others.
@Suite struct AccessLogTests {
    @Test("A line says who, what, how long and how much, and keeps no query, token or signature")
    func line() throws {
        let stack = try GatewayStack.stack()
        let picture = try GatewayStack.pictures().private
        let link = Link(path: picture.variant).address
        let media = try stack.ask("GET", link)
        let token = picture.owner.token ?? ""
        let api = try stack.ask(
            "GET", "/api/images?q=secret-name", ["Authorization: Bearer \(token)"])
        let refused = try stack.ask("DELETE", link)

        func line(_ answer: Answer) throws -> JSON {
            let id = try #require(answer.headers["x-request-id"])
            var found: JSON?
            _ = try eventually {
                found = try stack.accessLog().first { $0["requestId"]?.string == id }
                return found != nil
            }
            return try #require(found)
        }
        #expect(
            try line(media).names == [
                "time", "level", "program", "requestId", "address", "method", "path", "protocol",
                "status", "bytesIn",
                "bytesOut", "seconds", "upstreamStatus", "upstreamSeconds",
            ])
        #expect(try line(api).names == line(media).names)
        #expect(try line(media)["method"]?.string == "GET")
        #expect(try line(media)["path"]?.string == picture.variant)
        #expect(try line(media)["status"]?.int == 200)
        #expect(try line(api)["path"]?.string == "/api/images")
        #expect(try line(api)["upstreamStatus"]?.string == "200")
        // An error page is served as a GET.
        #expect(try line(refused)["method"]?.string == "DELETE")
        #expect(try line(refused)["status"]?.int == 405)

        let text = try String(contentsOfFile: stack.data + "/nginx/access.log", encoding: .utf8)
        let signature = try #require(link.firstMatch(of: /signature=(.*)/)?.1)
        for secret in ["?", "secret-name", String(signature), token] {
            #expect(!text.contains(secret))
            #expect(secret == "?" || !stack.logText.contains(secret))
        }
    }
}

extension Stack {
    /// Every line so far; throws on one that is no JSON.
    func accessLog() throws -> [JSON] {
        let text = try String(contentsOfFile: data + "/nginx/access.log", encoding: .utf8)
        // The last line may be half written.
        return try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
            try JSONDecoder().decode(JSON.self, from: Data($0.utf8))
        }
    }
}
