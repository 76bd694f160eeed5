import Foundation
import Support
import Testing

@Suite("Behind a real nginx")
struct TransportTests {
    @Test("A request and its response arrive completely", arguments: EchoStack.Transport.allCases)
    func echo(transport: EchoStack.Transport) throws {
        let stack = try EchoStack(transport)
        let file = try stack.file("body", bytes: 300_000)
        let answer = try stack.request(
            "POST", "/echo/%C3%A4%20b?q=1+2&q=3",
            ["Content-Type: image/x-test", "User-Agent: test", "Authorization: bearer tok.en"],
            body: Photos.bytes(of: file))
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "application/json")
        #expect(answer.headers["cache-control"] == "no-store")
        #expect(answer["method"].string == "POST")
        #expect(answer["path"].string == "/echo/ä b")
        #expect(answer["name"].string == "ä b")
        #expect(answer["q"].string == "1 2")
        #expect(answer["agent"].string == "test")
        #expect(answer["type"].string == "image/x-test")
        #expect(answer["token"].string == "tok.en")
        #expect(answer["bytes"].int == 300_000)
        #expect(answer["digest"].string == (try digest(ofFile: file)))
    }

    @Test("A chunked body without a length arrives completely")
    func chunked() throws {
        let stack = try EchoStack()
        let file = try stack.file("body", bytes: 100_000)
        for door in [EchoStack.NginxMode.plain, .streaming] {
            let answer = try stack.curl(
                "/echo/a", by: door,
                ["--data-binary", "@" + file, "-H", "Transfer-Encoding: chunked"])
            #expect(answer["bytes"].int == 100_000)
        }
    }

    @Test("Error responses have the documented form", arguments: EchoStack.Transport.allCases)
    func errors(transport: EchoStack.Transport) throws {
        let stack = try EchoStack(transport)
        for (method, path, status, code) in [
            ("GET", "/nowhere", 404, "not_found"), ("PUT", "/hello", 405, "method_not_allowed"),
            ("GET", "/fail", 500, "internal"), ("POST", "/parts", 400, "invalid_request"),
        ] {
            let answer = try stack.request(method, path, body: method == "POST" ? [120] : nil)
            #expect(answer.status == status)
            #expect(answer.code == code)
            let id = try #require(answer.headers["x-request-id"])
            #expect(id.utf8.count == 32)
            #expect(answer["requestId"].string == id)
            #expect(answer.headers["allow"] == (status == 405 ? "GET, HEAD" : nil))
        }
    }

    @Test("The response to HEAD is only the header of GET", arguments: EchoStack.Transport.allCases)
    func head(transport: EchoStack.Transport) throws {
        let answer = try EchoStack(transport).request("HEAD", "/hello")
        #expect(answer.status == 200)
        #expect(answer.headers["content-length"] == "17")
        #expect(answer.body.isEmpty)
    }

    @Test("A form with files arrives completely", arguments: EchoStack.Transport.allCases)
    func form(transport: EchoStack.Transport) throws {
        let stack = try EchoStack(transport)
        let large = try stack.file("large", bytes: 3_000_000)
        let small = try stack.file("small", bytes: 1, seed: 7)
        let answer = try stack.curl(
            "/parts",
            [
                "-F", "image=@\(large);type=image/jpeg", "-F", "alt=a lake",
                "-F", "image=@\(small);filename=\"a\\\"b.jpg\"",
            ])
        #expect(answer.status == 200)
        let parts = answer.json.array
        #expect(parts.map { $0["name"]?.string } == ["image", "alt", "image"])
        #expect(parts.map { $0["fileName"]?.string } == ["large", nil, "a\"b.jpg"])
        #expect(parts.map { $0["bytes"]?.int } == [3_000_000, 6, 1])
        #expect(parts.first?["type"]?.string == "image/jpeg")
        #expect(parts.first?["digest"]?.string == (try digest(ofFile: large)))
    }

    @Test("A large body that is not read does not block the response")
    func unread() throws {
        for transport in EchoStack.Transport.allCases {
            let stack = try EchoStack(transport)
            let file = try stack.file("body", bytes: 8_000_000)
            for door in [EchoStack.NginxMode.plain, .kept, .streaming] {
                let answer = try stack.post("/refuse", by: door, file: file)
                #expect(answer.status == 401, "\(transport) \(door)")
                #expect(answer.headers["www-authenticate"] == "Bearer")
                // The same connection or process serves the next request.
                #expect(try stack.get("/hello", by: door).status == 200)
            }
        }
    }

    @Test("Kept connections carry one request after another")
    func kept() throws {
        let stack = try EchoStack()
        let file = try stack.file("body", bytes: 20_000)
        for _ in 0..<5 {
            #expect(try stack.get("/hello", by: .kept).status == 200)
            #expect(try stack.post("/echo/a", by: .kept, file: file)["bytes"].int == 20_000)
            #expect(try stack.post("/refuse", by: .kept, file: file).status == 401)
            #expect(try stack.request("HEAD", "/hello", by: .kept).status == 200)
        }
    }

    @Test("Each of 32 simultaneous requests gets its own response")
    func parallel() throws {
        let stack = try EchoStack()
        let files = try (0..<32).map { try stack.file("f\($0)", bytes: 50_000, seed: UInt8($0)) }
        let wanted = try files.map { try digest(ofFile: $0) }
        let answers = try atOnce(32) { try stack.post("/echo/n\($0)", file: files[$0]) }
        for (index, answer) in answers.enumerated() {
            #expect(answer["name"].string == "n\(index)")
            #expect(answer["digest"].string == wanted[index])
        }
    }

    @Test("A client that disconnects during a response does not affect the responder")
    func goneWhileAnswering() throws {
        let stack = try EchoStack()
        let begun = stack.folder.file("begun")
        let client = try Shell.Background(
            "curl",
            [
                "-s", "--unix-socket", stack.folder.file("plain.sock"),
                "http://localhost/slow?seconds=0.6&begun=\(begun)",
            ], environment: ProcessInfo.processInfo.environment)
        #expect(eventually { FileManager.default.fileExists(atPath: begun) })
        client.stop()
        #expect(eventually { stack.log.contains(" GET /slow 200 ") })
        #expect(try stack.get("/hello").status == 200)
        #expect(!stack.hasEnded)
    }

    @Test("A request whose client disconnects while sending is refused as incomplete")
    func goneWhileSending() throws {
        let stack = try EchoStack()
        let file = try stack.file("body", bytes: 300_000)
        #expect(throws: NoAnswer.self) {
            // Without `Expect: 100-continue`, curl sends the body at once.
            try stack.curl(
                "/echo/a", by: .streaming,
                [
                    "--data-binary", "@" + file, "-H", "Expect:", "--limit-rate", "50k",
                    "--max-time", "0.5",
                ])
        }
        #expect(eventually { stack.log.contains(" POST /echo/a 400 ") })
        #expect(try stack.get("/hello").status == 200)
    }

    @Test("The log has one line per request and one more per failure, and none can be forged")
    func log() throws {
        let stack = try EchoStack()
        let id = try #require(
            try stack.get("/fail?password=secret", headers: ["Authorization: Bearer secret"])
                .headers["x-request-id"])
        #expect(eventually { stack.log.contains("\(id) GET /fail 500 ") })
        let lines = stack.log.split(separator: "\n").filter { $0.contains(id) }
        #expect(lines.count == 2)
        #expect(
            lines.first?.contains(" error echo-responder: \(id) Mishap: first line\\u{a}") == true)
        #expect(lines.last?.contains(" info echo-responder: \(id) GET /fail 500 ") == true)
        #expect(!stack.log.contains("secret"))
        #expect(!stack.log.contains("\n2025-01-01"))
    }
}
