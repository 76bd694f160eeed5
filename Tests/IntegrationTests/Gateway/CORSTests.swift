import Support
import Testing

/// Which other sites may call the service from their pages.
@Suite struct CORSTests {
    static let foreign = [
        "null", "https://www.example.org.evil.test", "http://www.example.org",
        "https://www.example.org:8443", "https://evil.test/https://www.example.org",
        "https://xwww.example.org", "https://www.example.or", "https://example.org",
        "https://www.example.org/", "HTTPS://WWW.EXAMPLE.ORGX", "https://wwwXexample.org", "*", "",
        "https://www.example.org http://localhost:3000", "http://localhost:30000",
    ]
    static let targets = ["/api/images", "/api/images/upload", "/media/x", "/", "/health"]

    @Test("An origin that is not exactly in the list gets no CORS headers", arguments: foreign)
    func refused(_ origin: String) throws {
        let stack = try GatewayStack.stack()
        for (method, target) in [
            ("OPTIONS", "/api/images"), ("GET", "/api/limits"), ("GET", "/media/x"),
        ] {
            let answer = try stack.ask(method, target, ["Origin: \(origin)"])
            #expect(!answer.fields.contains { $0.name.hasPrefix("access-control") })
            #expect(answer.values("vary").first?.contains("Origin") == true)
        }
    }

    @Test("A listed origin's preflight is answered by nginx alone", arguments: targets)
    func preflight(_ target: String) throws {
        let stack = try GatewayStack.stack()
        for origin in [GatewayStack.origin, "http://localhost:3000"] {
            let answer = try stack.ask(
                "OPTIONS", target,
                [
                    "Origin: \(origin)", "Access-Control-Request-Method: DELETE",
                    "Access-Control-Request-Headers: authorization",
                ])
            #expect(answer.status == 204)
            #expect(answer.values("access-control-allow-origin") == [origin])
            #expect(
                answer.values("access-control-allow-methods") == ["GET, HEAD, POST, PATCH, DELETE"])
            #expect(
                answer.values("access-control-allow-headers") == [
                    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Range"
                ])
            #expect(answer.values("access-control-max-age") == ["7200"])
            #expect(answer.values("access-control-allow-credentials").isEmpty)
            #expect(!stack.logText.contains(answer.headers["x-request-id"] ?? "none"))
        }
    }

    @Test("Without MULTIRES_CORS_ORIGINS, no origin is allowed")
    func none() throws {
        let stack = try Stacks.shared(.fastcgi)
        for origin in [GatewayStack.origin, "null", "http://127.0.0.1:\(stack.port)"] {
            let answer = try stack.ask("OPTIONS", "/api/images", ["Origin: \(origin)"])
            #expect(answer.status == 204)
            #expect(!answer.fields.contains { $0.name.hasPrefix("access-control") })
        }
    }

    @Test(
        "A MULTIRES_CORS_ORIGINS without exact origins is reported in one sentence",
        arguments: [
            "*", "null", "www.example.org", "https://*.example.org", "https://www.example.org/",
            "https://www.example.org/path", "https://WWW.example.org",
            "https://www.example.org:443",
            "http://www.example.org:80", "https://www.example.org:0", "https://www.example.org:+8",
            "https://", "://x", "https://user@example.org", "https://a.test,*",
            "https://www.example.org\"; evil", "~^https://.*", "https://[::1", "https://a b",
        ])
    func setting(_ value: String) throws {
        let output = try Shell.run(
            Programs.path("multires"), ["config"], environment: ["MULTIRES_CORS_ORIGINS": value])
        #expect(output.status == 1)
        #expect(output.errors.contains("MULTIRES_CORS_ORIGINS: \""), "\(output.errors)")
    }

    @Test(
        "Exact origins are accepted",
        arguments: [
            "", "https://a.test", "http://localhost:3000,https://a.test", "http://[::1]:8080",
            "capacitor://localhost",
        ])
    func taken(_ value: String) throws {
        let output = try Shell.run(
            Programs.path("multires"), ["config"], environment: ["MULTIRES_CORS_ORIGINS": value])
        #expect(output.status == 0, "\(output.errors)")
    }
}
