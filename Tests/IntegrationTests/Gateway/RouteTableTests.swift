import Support
import Testing

/// Every location of multires.conf: the status, headers and kind of body for a route, method and state.
@Suite struct RouteTableTests {
    enum State: Sendable { case anonymous, forged, signedIn }

    struct Row: Sendable, CustomTestStringConvertible {
        let method: String
        /// `{public}` and `{private}` are the paths of variants, `{original}` is that of a private image's
        /// original. `{signed …}` is the same path with a signature.
        let target: String
        let state: State
        let status: Int
        let form: Form
        let allow: String?

        init(
            _ method: String, _ target: String, _ state: State, _ status: Int,
            _ form: Form, allow: String? = nil
        ) {
            self.method = method
            self.target = target
            self.state = state
            self.status = status
            self.form = form
            self.allow = allow
        }

        init(_ method: String, _ target: String, _ status: Int, _ form: Form, allow: String? = nil)
        {
            self.init(method, target, .anonymous, status, form, allow: allow)
        }

        var testDescription: String { "\(state) \(method) \(target) -> \(status)" }
    }

    static let publicly = "public, max-age=86400"
    static let privately = "private, max-age=3600"
    static let files = "GET, HEAD, OPTIONS"

    static let rows: [Row] = [
        Row("GET", "/health", 200, .json),
        Row("HEAD", "/health", 200, .empty),
        Row("POST", "/health", 405, .problem("method_not_allowed"), allow: files),
        Row("GET", "/healthy", 200, .page),

        Row("GET", "/api", 404, .problem("not_found")),
        Row("GET", "/api/nothing", 404, .problem("not_found")),
        Row("GET", "/apis", 404, .problem("not_found")),
        Row("GET", "/api/health", 200, .json),
        Row("HEAD", "/api/health", 200, .empty),
        Row("GET", "/api/limits", 200, .json),
        Row("PUT", "/api/limits", 405, .problem("method_not_allowed"), allow: "GET, HEAD"),
        Row("GET", "/api/images", 401, .problem("missing_token")),
        Row("GET", "/api/images", .forged, 401, .problem("invalid_token")),
        Row("GET", "/api/images", .signedIn, 200, .json),
        Row("HEAD", "/api/images", .signedIn, 200, .empty),
        Row("GET", "/api/images/nothing", .signedIn, 404, .problem("not_found")),
        Row("TRACE", "/api/images", 405, .problem("method_not_allowed"), allow: api),

        Row("GET", "/api/auth", 404, .problem("not_found")),
        Row("GET", "/api/auth/health", 200, .json),
        Row("GET", "/api/auth/me", 401, .problem("missing_token")),
        Row("GET", "/api/auth/me", .signedIn, 200, .json),
        Row("POST", "/api/auth/login", 400, .problem("invalid_request")),
        Row("GET", "/api/auth/login", 405, .problem("method_not_allowed"), allow: "POST"),
        Row("GET", "/api/auth/check", .signedIn, 404, .problem("not_found")),
        Row("POST", "/api/auth/check", .signedIn, 404, .problem("not_found")),
        Row("GET", "/api/auth/check/", .signedIn, 404, .problem("not_found")),

        Row("POST", "/api/images/upload", 401, .problem("missing_token")),
        Row("POST", "/api/images/upload", .forged, 401, .problem("invalid_token")),
        Row("POST", "/api/images/upload", .signedIn, 415, .problem("unsupported_media_type")),
        Row("POST", "/api/images/upload?x=1", 401, .problem("missing_token")),
        Row(
            "GET", "/api/images/upload", .signedIn, 405, .problem("method_not_allowed"),
            allow: "POST"),
        Row("PUT", "/api/images/upload", 401, .problem("missing_token")),

        Row("GET", "{public}", 200, .picture(publicly)),
        Row("HEAD", "{public}", 200, .picture(publicly)),
        // With a valid signature, nginx does not check whether the image is public.
        Row("GET", "{signed public}", 200, .picture(privately)),
        Row("GET", "{public}?signature=x&expires=1", 200, .picture(publicly)),
        Row("POST", "{public}", 405, .problem("method_not_allowed"), allow: files),
        Row("GET", "{private}", 403, .problem("invalid_signature")),
        Row("GET", "{private}", .signedIn, 403, .problem("invalid_signature")),
        Row("GET", "{signed private}", 200, .picture(privately)),
        Row("HEAD", "{signed private}", 200, .picture(privately)),
        Row("DELETE", "{signed private}", 405, .problem("method_not_allowed"), allow: files),
        Row("GET", "{original}", 403, .problem("invalid_signature")),
        Row("GET", "{signed original}", 200, .picture(privately)),
        Row("HEAD", "{signed original}", 200, .picture(privately)),
        Row("PUT", "{signed original}", 405, .problem("method_not_allowed"), allow: files),
        Row("GET", "/media/", 404, .problem("not_found")),
        Row("GET", "/media/nothing", 404, .problem("not_found")),
        Row("DELETE", "/media/nothing", 404, .problem("not_found")),

        Row("GET", "/", 200, .page),
        Row("HEAD", "/", 200, .page),
        Row("GET", "/index.html", 200, .page),
        Row("GET", "/gallery", 200, .page),
        Row("GET", "/images/01890000-0000-7000-8000-000000000000", 200, .page),
        Row("GET", "/media", 200, .page),
        Row("GET", "/nothing.js", 404, .page),
        Row("GET", "/_error", 404, .problem("not_found")),
        Row("GET", "/_range", 404, .problem("not_found")),
        Row("POST", "/", 405, .page, allow: files),
        Row("DELETE", "/index.html", 405, .page, allow: files),
        Row("TRACE", "/", 405, .problem("method_not_allowed"), allow: files),
    ]

    static let api = "GET, HEAD, POST, PATCH, DELETE, OPTIONS"

    @Test("Each route gives the documented response", arguments: rows)
    func route(_ row: Row) throws {
        let stack = try GatewayStack.stack()
        let pictures = try GatewayStack.pictures()
        var headers: [String] = []
        switch row.state {
        case .anonymous: break
        case .forged: headers = ["Authorization: Bearer eyJhbGciOiJub25lIn0.e30."]
        case .signedIn: headers = ["Authorization: Bearer \(pictures.private.owner.token ?? "")"]
        }
        let target = row.target
            .replacing("{public}", with: pictures.public.variant)
            .replacing("{private}", with: pictures.private.variant)
            .replacing("{original}", with: pictures.private.original)
            .replacing("{signed public}", with: Link(path: pictures.public.variant).address)
            .replacing("{signed private}", with: Link(path: pictures.private.variant).address)
            .replacing("{signed original}", with: Link(path: pictures.private.original).address)
        let body = ["POST", "PUT", "DELETE"].contains(row.method) ? "{}" : nil
        let answer = try stack.ask(row.method, target, headers, body: body)
        answer.expect(row.status, row.form)
        #expect(answer.values("allow") == (row.allow.map { [$0] } ?? []))
        #expect(
            answer.values("www-authenticate") == (row.status == 401 ? ["Bearer"] : []))
    }

    @Test("/metrics answers only requests from this machine that come through no proxy")
    func metrics() throws {
        let stack = try GatewayStack.stack()
        let answer = try stack.ask("GET", "/metrics")
        #expect(answer.status == 200)
        #expect(answer.text.contains("multires_jobs"))
        for header in ["X-Forwarded-For: 127.0.0.1", "Forwarded: for=::1", "Via: 1.1 proxy"] {
            try stack.ask("GET", "/metrics", [header]).expect(404, .problem("not_found"))
        }
    }

    @Test("The API description is served, and caches must revalidate it")
    func description() throws {
        let answer = try GatewayStack.stack().ask("GET", "/openapi.json")
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
        #expect(answer.headers["cache-control"] == "no-cache")
        #expect(answer["openapi"].string == "3.1.0")
    }

    @Test("Headers of a request cannot replace the variables that nginx sends to a responder")
    func forgedVariables() throws {
        let stack = try GatewayStack.stack()
        let answer = try stack.ask(
            "GET", "/api/limits",
            ["X-Request-Id: 00000000000000000000000000000000", "Proxy: http://127.0.0.1:1"])
        answer.expect(200, .json)
        #expect(answer.headers["x-request-id"] != "00000000000000000000000000000000")
        let id = try #require(answer.headers["x-request-id"])
        #expect(stack.logText { $0.contains(id) }.contains(id))
    }
}
