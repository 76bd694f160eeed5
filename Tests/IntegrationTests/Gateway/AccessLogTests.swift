import Foundation
import Support
import Testing

/// The access log: one JSON object per line, without secrets.
@Suite struct AccessLogTests {
    @Test("An access log line has client, request and times, but no query, token or signature")
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
        // nginx serves the error page as a GET, but logs the client's method.
        #expect(try line(refused)["method"]?.string == "DELETE")
        #expect(try line(refused)["status"]?.int == 405)

        let text = try String(contentsOfFile: stack.data + "/nginx/access.log", encoding: .utf8)
        let signature = try #require(link.firstMatch(of: /signature=(.*)/)?.1)
        for secret in ["?", "secret-name", String(signature), token] {
            #expect(!text.contains(secret))
            #expect(secret == "?" || !stack.logText.contains(secret))
        }
    }

    @Test("The error log has neither the query nor the referrer of a failed request")
    func failed() throws {
        let stack = try GatewayStack.stack()
        let picture = try GatewayStack.pictures().private
        let headers = ["Content-Type: application/json", "Referer: http://x/?signature=hidden-too"]
        let long = String(repeating: "a", count: 70_000)
        #expect(
            try stack.ask("POST", "/api/auth/login?grant=hidden-token", headers, body: long).status
                == 413)
        #expect(
            try stack.ask("GET", picture.variant + "/x?signature=hidden-token", headers).status
                == 404)
        #expect(try stack.ask("GET", "/a.b?grant=hidden-token", headers).status == 404)
        #expect(try stack.ask("GET", "/\(long.prefix(300)).x?hidden-token", headers).status == 404)
        // After a reload, nginx has logged all of these requests.
        try stack.reloadNginx()
        #expect(!stack.logText.contains("hidden-to"))
    }

    @Test("Text from a client has a limited length in every log, and is valid JSON with any bytes")
    func bounded() throws {
        let stack = try Stack(settings: GatewayStack.settings)
        let long = String(repeating: "a", count: 7900)
        for text in [
            "GET /\(long) HTTP/1.1\r\nHost: x\r\nUser-Agent: \(long)\r\nReferer: \(long)\r\n\r\n",
            "GET /api/\(long)?q=hidden-message HTTP/1.1\r\nHost: \(long)\r\n\r\n",
            "GET /media/\(long) HTTP/1.1\r\nHost: x\r\n\r\n",
            "\(long.uppercased()) / HTTP/1.1\r\nHost: x\r\n\r\n",
            "\(long.uppercased()) /api/limits HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.\(String(repeating: "0", count: 7900))1\r\nHost: x\r\n\r\n",
            "GET /\(String(repeating: "\"\\", count: 3000)) HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /\(long)\(long) HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /é\u{2028}\u{7F}\u{1F600}/b HTTP/1.1\r\nHost: x\r\n\r\n",
        ] {
            let connection = try RawConnection(port: stack.port)
            connection.send(text)
            _ = try? connection.answer()
        }
        // A continuation byte without its first byte is invalid UTF-8.
        try stack.send(
            [UInt8]("GET /api/a".utf8) + [0xA9, 0xFF] + [UInt8](" HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        )
        _ = try stack.ask("GET", "/api/limits?last")
        // Each of nginx's workers writes its own lines, once a second.
        #expect(try eventually { try stack.accessLog().count >= 11 })
        let lines = try String(contentsOfFile: stack.data + "/nginx/access.log", encoding: .utf8)
            .split(separator: "\n")
        for line in lines { #expect(line.utf8.count <= 2500, "\(line.utf8.count)") }
        #expect(try stack.accessLog().contains { $0["path"]?.string?.utf8.count == 1024 })
        // A responder's line has the path twice.
        let own = stack.logText.split(separator: "\n").filter { $0.contains("\"path\"") }
        #expect(!own.isEmpty)
        for line in own { #expect(line.utf8.count <= 5000, "\(line.utf8.count)") }
        #expect(!stack.logText.contains("hidden-message"))
    }

    @Test(
        "The access log is rotated at the configured size, and the set number of old logs is kept")
    func rotation() throws {
        let stack = try Stack(
            settings: ["MULTIRES_ACCESS_LOG_BYTES": "10KB", "MULTIRES_ACCESS_LOG_KEEP": "2"])
        let folder = stack.data + "/nginx"
        func names() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasPrefix("access.log") }.sorted()
        }
        // Logs are identified by their first line, because a file system reuses inode numbers.
        var begun: Set<Substring> = []
        var asked = 0
        let end = Date(timeIntervalSinceNow: 60)
        while begun.count < 4, Date() < end {
            _ = try stack.ask("GET", "/api/limits?\(asked)")
            asked += 1
            let older = try? String(contentsOfFile: folder + "/access.log.1", encoding: .utf8)
            if let line = older?.split(separator: "\n").first { begun.insert(line) }
        }
        #expect(begun.count == 4, "\(begun.count) rotations after \(asked) requests")
        // Between the rename and nginx's reopening there is no access.log.
        #expect(try eventually { try names() == ["access.log", "access.log.1", "access.log.2"] })
        #expect(try stack.client.get("/api/health").status == 200)
    }
}

extension Stack {
    /// Sends a request of any bytes, and ignores the response.
    fileprivate func send(_ bytes: [UInt8]) throws {
        let file = TemporaryFolder()
        try Data(bytes).write(to: URL(fileURLWithPath: file.file("request")))
        try Shell.check(
            "bash",
            [
                "-c",
                "exec 3<>/dev/tcp/127.0.0.1/\(port); cat \(file.file("request")) >&3; head -1 <&3",
            ])
    }

    /// Every line so far. Throws when a line is not JSON.
    func accessLog() throws -> [JSON] {
        let text = try String(contentsOfFile: data + "/nginx/access.log", encoding: .utf8)
        // The last line may be incomplete.
        return try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
            try JSONDecoder().decode(JSON.self, from: Data($0.utf8))
        }
    }
}
