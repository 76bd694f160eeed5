import Foundation
import Support
import Testing

/// Limits of bodies, with the bytes that the response names, and the default rate limits.
@Suite struct LimitTests {
    @Test(
        "A body over the limit is refused before it is sent, and the response has the limit",
        arguments: [
            ("POST", "/api/auth/login", 65536), ("PATCH", "/api/images/x", 65536),
            ("POST", "/health", 65536), ("POST", "/api/images/upload", GatewayStack.requestLimit),
            ("POST", "/api/images/upload?filename=a", GatewayStack.requestLimit),
        ])
    func tooLarge(_ method: String, _ target: String, _ limit: Int) throws {
        let stack = try GatewayStack.stack()
        let connection = try RawConnection(port: stack.port)
        connection.send(
            "\(method) \(target) HTTP/1.1\r\nHost: x\r\nOrigin: \(GatewayStack.origin)\r\n"
                + "Content-Length: \(limit + 1)\r\n\r\n")
        let answer = try connection.answer()
        answer.expect(413, .problem("too_large"))
        #expect(answer["limitBytes"].int == limit)
    }

    @Test("A chunked body is refused as soon as it exceeds the limit")
    func chunks() throws {
        let stack = try GatewayStack.stack()
        let connection = try RawConnection(port: stack.port)
        connection.send(
            "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nOrigin: \(GatewayStack.origin)\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n")
        let chunk = "4000\r\n" + String(repeating: " ", count: 0x4000) + "\r\n"
        for _ in 0..<5 { connection.send(chunk) }
        let answer = try connection.answer()
        answer.expect(413, .problem("too_large"))
        #expect(answer["limitBytes"].int == 65536)
    }

    @Test("64 KB of JSON is accepted")
    func largest() throws {
        let stack = try GatewayStack.stack()
        let body = "{\"email\": \"a\"}" + String(repeating: " ", count: 65536 - 14)
        try stack.ask("POST", "/api/auth/login", body: body)
            .expect(400, .problem("invalid_request"))
    }

    @Test("By default, sign-in is limited to 2/s, uploads to 10/s, reads and the page to 100/s")
    func rates() throws {
        let stack = try Stack(
            settings: GatewayStack.settings.merging(["MULTIRES_RATE_LIMITS": "on"]) { $1 })
        struct Class {
            let method: String
            let target: String
            let rate: Double
            let burst: Int
            let wait: Int
            let passes: Int
        }
        let classes = [
            Class(
                method: "POST", target: "/api/auth/login", rate: 2, burst: 10, wait: 5, passes: 400),
            Class(
                method: "POST", target: "/api/images/upload", rate: 10, burst: 100, wait: 3,
                passes: 401),
            Class(
                method: "GET", target: "/api/limits", rate: 100, burst: 300, wait: 1, passes: 200),
            Class(method: "GET", target: "/", rate: 100, burst: 300, wait: 1, passes: 200),
        ]
        for kind in classes {
            let asked = kind.burst * 2
            var passed = 0
            var refused: Answer?
            let started = ContinuousClock.now
            let body = kind.method == "POST" ? "{}" : nil
            // Until a request is refused and the burst is used up.
            for _ in 0..<asked where refused == nil || passed < kind.burst {
                // Ten at once, because one client may be slower than the rate.
                let answers = try atOnce(10) { _ in
                    try stack.ask(kind.method, kind.target, body: body)
                }
                for answer in answers {
                    if answer.status == 429 { refused = answer } else { passed += 1 }
                    #expect(answer.status == 429 || answer.status == kind.passes)
                }
            }
            let seconds = (ContinuousClock.now - started) / .seconds(1)
            #expect(passed >= kind.burst, "\(kind.target)")
            #expect(
                Double(passed) <= Double(kind.burst) + 2 + kind.rate * seconds, "\(kind.target)")
            let answer = try #require(refused, "\(kind.target): \(passed) in \(seconds) s")
            guard kind.target != "/" else {
                answer.expect(429, .page)
                #expect(answer.values("retry-after") == ["1"])
                continue
            }
            answer.expect(429, .problem("rate_limited"))
            #expect(answer["retryAfter"].int == kind.wait)
            #expect(answer["error"].string?.contains("\(kind.wait) s") == true)
        }
        // A longer path does not avoid the limit. Other methods have other limits.
        #expect(
            try (0..<100).contains { _ in
                try stack.ask("POST", "/api/auth/login/x", body: "{}").status == 429
            })
        #expect(try stack.ask("OPTIONS", "/api/auth/login").status == 204)
        for _ in 0..<400 { #expect(try stack.ask("GET", "/health").status == 200) }
    }

    @Test("An address has at most 30 uploads in progress, and can still read")
    func connections() throws {
        let stack = try Stack(
            settings: GatewayStack.settings.merging(["MULTIRES_RATE_LIMITS": "on"]) { $1 })
        let token = try stack.account().token ?? ""
        func begin() throws -> RawConnection {
            try .upload(to: stack.port, token: token, length: 1000)
        }
        let uploads = try (0..<30).map { _ in try begin() }
        for upload in uploads { #expect(upload.receives(RawConnection.continueResponse)) }
        try begin().refusal().expect(429, .problem("rate_limited"))
        try stack.ask("GET", "/api/limits").expect(200, .json)
    }
    @Test(
        "6,500 connections with an incomplete header do not prevent other requests",
        .enabled(if: canHold(7000), "NOT TESTED: 6,500 connections need as many open files"))
    func halfOpen() throws {
        let stack = try Stack()
        var open: [RawConnection] = []
        for _ in 0..<6500 {
            let connection = try RawConnection(port: stack.port)
            connection.send("GET / HTTP/1.1\r\nHost: x\r\nX-A: ")
            open.append(connection)
        }
        #expect(try stack.client.get("/health").status == 200)
        #expect(try stack.client.get("/api/health").status == 200)
        _ = try stack.account()
        open.removeAll()
    }

    @Test("When incomplete headers use all connections, new ones work after the header timeout")
    func allTaken() throws {
        let stack = try Stack(settings: ["MULTIRES_CONNECTIONS": "128"])
        let open = try (0..<400).map { _ in
            let connection = try RawConnection(port: stack.port)
            connection.send("GET / HTTP/1.1\r\nHost: x\r\nX-A: ")
            return connection
        }
        #expect(eventually { (try? stack.client.get("/health").status) == 200 })
        #expect(open[0].closesSilently())
    }
}

/// Whether this process may open `files` files, and 2,000 more for other tests.
private func canHold(_ files: Int) -> Bool {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        && Int(clamping: limit.rlim_cur) > files + 2000
}
