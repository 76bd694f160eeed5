import Foundation
import Support
import Testing

/// The gateway while responders are not running, hang or crash.
@Suite struct DownTests {
    @Test("Without responders, the API answers 502, and images and the page are served")
    func gone() throws {
        let stack = try Stack(settings: GatewayStack.keepingNone)
        let pictures = try (
            GatewayStack.picture("public", on: stack), GatewayStack.picture("private", on: stack)
        )
        for name in ["auth.sock", "image.sock"] {
            try FileManager.default.removeItem(atPath: "\(stack.data)/run/\(name)")
        }
        let token = ["Authorization: Bearer \(pictures.0.owner.token ?? "")"]
        for (method, target) in [
            ("GET", "/api/images"), ("GET", "/api/health"), ("POST", "/api/auth/login"),
            ("GET", "/api/auth/health"), ("DELETE", "/api/images/\(pictures.0.id)"),
            ("PATCH", "/api/images/\(pictures.0.id)"),
        ] {
            let body = method == "GET" ? nil : "{}"
            try stack.ask(method, target, token, body: body).expect(502, .problem("internal"))
        }
        let head = try stack.ask("HEAD", "/api/images", token)
        #expect(head.status == 502 && head.body.isEmpty)

        try stack.ask("GET", pictures.0.variant).expect(200, .picture(RouteTableTests.publicly))
        try stack.ask("GET", Link(path: pictures.1.variant).address)
            .expect(200, .picture(RouteTableTests.privately))
        try stack.ask("GET", "/").expect(200, .page)
        try stack.ask("GET", "/health").expect(200, .json)
        #expect(try stack.ask("OPTIONS", "/api/images").status == 204)
    }

    @Test("A responder that hangs causes a 504 after the timeout, and the page is still served")
    func hanging() throws {
        let stack = try Stack(settings: GatewayStack.settings)
        // The default is 60 s.
        try stack.edit("include/fastcgi.conf") {
            $0.replacing("fastcgi_read_timeout 60s", with: "fastcgi_read_timeout 1s")
        }

        let responders = stack.freeze("image-responder")
        defer { stack.thaw(responders) }
        let waiting = try RawConnection(port: stack.port)
        waiting.send(
            "GET /api/limits HTTP/1.1\r\nHost: x\r\nOrigin: \(GatewayStack.origin)\r\n\r\n")
        try stack.ask("GET", "/").expect(200, .page)
        try waiting.answer().expect(504, .problem("internal"))
    }

    @Test("After kill -9 of a responder, its request gets 502 and the next one is answered")
    func killed() throws {
        let stack = try Stack(settings: GatewayStack.settings)
        // Without kept connections, on which nginx would repeat the request; see ReloadTests.
        try stack.edit("include/responders.conf") { $0.replacing(/keepalive [0-9]+;/, with: "") }
        let client = try stack.account()
        let workers = stack.freeze("resize-worker")
        defer { stack.thaw(workers) }
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 64, height: 64, in: folder)
        let image = try #require(try client.upload(photo)["imageId"].string)
        #expect(eventually { !stack.answering("image-responder") })
        // The worker is stopped, so this request waits in the responder.
        let waiting = try RawConnection(port: stack.port)
        waiting.send(
            "GET /api/images/\(image)/status?wait=20 HTTP/1.1\r\nHost: x\r\n"
                + "Origin: \(GatewayStack.origin)\r\nAuthorization: Bearer \(client.token ?? "")\r\n\r\n"
        )
        #expect(eventually { stack.answering("image-responder") })
        for responder in stack.pids("image-responder") { kill(responder, SIGKILL) }
        try waiting.answer().expect(502, .problem("internal"))
        #expect(try client.get("/api/images/\(image)/status").status == 200)
        #expect(!stack.logText.contains("wait=20"))
    }
}

extension Stack {
    /// Changes one of nginx's rendered files and reloads nginx.
    func edit(_ name: String, _ change: (String) -> String) throws {
        let file = URL(fileURLWithPath: "\(data)/nginx/\(name)")
        let text = try String(contentsOf: file, encoding: .utf8)
        let changed = change(text)
        #expect(changed != text)
        try Data(changed.utf8).write(to: file)
        try reloadNginx()
    }

    /// Reloads only nginx, without rendering its files. Returns when the old workers have exited.
    func reloadNginx() throws {
        let before = Set(pids("nginx"))
        let pid = try String(contentsOfFile: data + "/run/nginx.pid", encoding: .utf8)
        let master = try #require(pid_t(pid.trimmingCharacters(in: .whitespacesAndNewlines)))
        kill(master, SIGHUP)
        #expect(eventually { pids("nginx").filter { before.contains($0) } == [master] })
    }

    /// Whether a responder has a connection open: a socket besides the one that it listens on.
    func answering(_ program: String) -> Bool {
        pids(program).contains { pid in
            let folder = "/proc/\(pid)/fd"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let targets = names.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
            }
            return targets.filter { $0.hasPrefix("socket:") }.count > 1
        }
    }
}
