import Foundation
import Support
import Testing

/// A client that may not upload is refused before its body is read.
@Suite struct UploadCheckTests {
    @Test(
        "Without a valid token, nginx reads no byte of the body and sends the responder's error",
        arguments: Stack.Gateway.allCases)
    func refused(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway, "check", GatewayStack.settings)
        let account = try stack.account()
        let token = account.token ?? ""
        let revoked = try stack.account()
        _ = try revoked.post("/api/auth/logout-all")
        let expired = try AttackTests.expired(AttackTests.victim(on: stack))

        let cases: [(String, String)] = [
            ("X-Odd: 1", "missing_token"),
            ("Authorization: Basic YTpi", "missing_token"),
            ("Authorization: Bearer \(token)A", "invalid_token"),
            ("Authorization: Bearer mr_nonsense", "invalid_token"),
            ("Authorization: Bearer \"}\\\"", "invalid_token"),
            ("Authorization: Bearer \(revoked.token ?? "")", "revoked_token"),
            ("Authorization: Bearer \(expired)", "expired_token"),
        ]
        for (header, code) in cases {
            let answer = try unsent(stack, header)
            answer.expect(401, .problem(code))
            #expect(answer.values("www-authenticate") == ["Bearer"])
            #expect(answer.values("x-problem").isEmpty)
            let usual = try stack.ask("GET", "/api/images", [header])
            #expect(usual["error"] == answer["error"], "other routes have another error")
        }
        var lines: [JSON] = []
        let areThere = try eventually {
            lines = try stack.accessLog().filter { $0["path"]?.string == "/api/images/upload" }
            return lines.count >= cases.count
        }
        #expect(areThere && lines.allSatisfy { $0["bytesIn"]?.int ?? 9999 < 5000 })
    }

    /// Sends a head that announces two megabytes, and no body.
    private func unsent(_ stack: Stack, _ header: String) throws -> Answer {
        let connection = try RawConnection(port: stack.port)
        connection.send(
            "POST /api/images/upload HTTP/1.1\r\nHost: x\r\nOrigin: \(GatewayStack.origin)\r\n\(header)\r\n"
                + "Content-Type: image/jpeg\r\nContent-Length: 2000000\r\n\r\n")
        return try connection.answer()
    }

    @Test("curl, which waits for a 100 Continue, sends a body only with a valid token")
    func continues() throws {
        let stack = try GatewayStack.stack()
        let folder = TemporaryFolder()
        let file = folder.file("zeros.jpg")
        try Data(count: 1_500_000).write(to: URL(fileURLWithPath: file))
        func sent(_ token: String) throws -> Int? {
            let output = try Shell.run(
                "curl",
                [
                    "-sS", "-o", "/dev/null", "-w", "%{size_upload}", "-F", "image=@\(file)",
                    // The default is one second.
                    "--expect100-timeout", "30",
                    "-H", "Authorization: Bearer \(token)",
                    "\(stack.client.base)/api/images/upload",
                ])
            return Int(output.text)
        }
        #expect(try sent("nonsense") == 0)
        #expect(try (sent(stack.account().token ?? "") ?? 0) > 1_500_000)
    }

    @Test("A client that is refused gets no 100 Continue")
    func expected() throws {
        let stack = try GatewayStack.stack()
        func refusal(_ token: String?) throws -> Answer {
            try RawConnection.upload(to: stack.port, token: token, length: 1000).refusal()
        }
        try refusal(nil).expect(401, .problem("missing_token"))
        try refusal("nonsense").expect(401, .problem("invalid_token"))
        let key = try stack.account().post(
            "/api/auth/keys", json: #"{"name": "n", "scopes": ["read"], "expiresAt": null}"#)
        let reading = try #require(key["key"].string)
        try refusal(reading).expect(403, .problem("forbidden"))
    }

    @Test("A token that is revoked while the body is sent is refused by the responder")
    func meanwhile() throws {
        let stack = try GatewayStack.stack()
        let account = try stack.account()
        let connection = try RawConnection.upload(
            to: stack.port, token: account.token, length: 4)
        // nginx sends "100 Continue" when the check has passed.
        #expect(connection.receives(RawConnection.continueResponse))
        #expect(try account.post("/api/auth/logout-all").status == 204)
        connection.send("body")
        try connection.answer().expect(401, .problem("revoked_token"))
    }

    @Test("While the auth responder is down, uploads get 503 and everything else works")
    func failsClosed() throws {
        let stack = try Stack(settings: GatewayStack.keepingNone)
        let picture = try GatewayStack.picture("public", on: stack)
        let token = ["Authorization: Bearer \(picture.owner.token ?? "")"]
        func upload() throws -> Answer {
            try stack.ask(
                "POST", "/api/images/upload", token + ["Content-Type: image/jpeg"], body: "body")
        }
        func refused() throws {
            let answer = try RawConnection.upload(
                to: stack.port, token: picture.owner.token, length: 4
            ).refusal()
            answer.expect(503, .problem("busy"))
            #expect(answer["retryAfter"].int == 3)
            #expect(try stack.ask("GET", "/api/images", token).status == 200)
            #expect(try stack.ask("GET", picture.variant).status == 200)
            #expect(try stack.ask("GET", "/").status == 200)
        }
        // The responder hangs. The default timeout is 10 s.
        try stack.edit("include/upload-check.conf") {
            $0.replacing("fastcgi_read_timeout 10s", with: "fastcgi_read_timeout 1s")
        }
        let responders = stack.freeze("auth-responder")
        try refused()
        stack.thaw(responders)
        #expect(try upload().status == 415)

        // The responder's socket does not exist.
        let socket = stack.data + "/run/auth.sock"
        try FileManager.default.moveItem(atPath: socket, toPath: socket + ".away")
        try refused()
        try stack.ask("GET", "/api/auth/me", token).expect(502, .problem("internal"))
        try FileManager.default.moveItem(atPath: socket + ".away", toPath: socket)
        #expect(try upload().status == 415)
    }
}
