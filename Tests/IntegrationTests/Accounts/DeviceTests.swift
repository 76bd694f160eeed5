import Foundation
import Model
import Support
import Testing

@Suite struct DeviceTests {
    private let harness: AuthHarness
    private let device: String

    init() throws {
        harness = try AuthHarness()
        device = try #require(try harness.register()["deviceToken"]?.string)
        let now = Timestamp.now()
        harness.clock = { now }
    }

    /// Guesses passwords until every guess from a new address has to wait.
    private func attack(email: String = "ada@example.org", from addresses: [Int]) throws {
        for number in addresses {
            for _ in 1...6 { _ = try harness.login("a guess", email: email, from: address(number)) }
        }
    }

    private func address(_ number: Int) -> String { "203.0.113.\(number)" }

    @Test("A known device can sign in from an address that guesses its password, a new one cannot")
    func knownDevice() throws {
        try attack(from: Array(1...8))
        #expect(try harness.login(from: address(1)).json["code"]?.string == "rate_limited")
        let answer = try harness.login(device: device, from: address(1))
        #expect(answer.status == 200, "\(answer.json)")
        let next = try #require(answer.json["deviceToken"]?.string)
        #expect(try harness.login(device: next, from: address(2)).status == 200)
    }

    @Test("A user without a device token can sign in from a new address, after one typo too")
    func newAddress() throws {
        try attack(from: Array(1...8))
        #expect(try harness.login("a typo", from: address(50)).status == 401)
        #expect(try harness.login(from: address(50)).status == 200)
    }

    @Test("An invalid device token is ignored, and a device token is no access or refresh token")
    func badTokens() throws {
        try attack(from: Array(1...8))
        let other = try #require(try harness.register("bob@example.org")["deviceToken"]?.string)
        let tokens = try harness.login(email: "bob@example.org").json
        for token in [other, device + "x", "", tokens["accessToken"]?.string ?? ""] {
            let answer = try harness.login(device: token, from: address(1))
            #expect(answer.json["code"]?.string == "rate_limited")
            #expect(try harness.login(device: token, from: address(60)).status == 200)
        }
        #expect(try harness.send("GET", "/api/auth/me", token: device).status == 401)
        let refresh = try harness.send("POST", "/api/auth/refresh", ["refreshToken": device])
        #expect(refresh.json["code"]?.string == "invalid_token")
        let wrongType = try harness.send(
            "POST", "/api/auth/login",
            ["email": "ada@example.org", "password": TestUser.password, "deviceToken": 7])
        #expect(wrongType.json["code"]?.string == "invalid_request")
        let null = try harness.send(
            "POST", "/api/auth/login",
            ["email": "ada@example.org", "password": TestUser.password, "deviceToken": NSNull()])
        #expect(null.status == 200)
    }

    @Test("A device token does not work for a later account with the same email")
    func deletion() throws {
        let token = try harness.login().json["accessToken"]?.string
        let deleted = try harness.send(
            "DELETE", "/api/auth/me", ["password": TestUser.password], token: token)
        #expect(deleted.status == 200)
        _ = try harness.register()
        try attack(from: Array(1...8))
        #expect(
            try harness.login(device: device, from: address(1)).json["code"]?.string
                == "rate_limited")
    }

    @Test("A known device gets no more guesses than an address")
    func guesses() throws {
        let codes = try (1...9).map { _ in
            try harness.login("a guess", device: device).json["code"]?.string
        }
        #expect(codes.count { $0 == "invalid_credentials" } == 5)
    }

    @Test("An account has at most 100 sessions, on one page, with at most 200 bytes of user agent")
    func sessions() throws {
        // One Character, so that neither a limit in Characters nor a cut inside a scalar passes the test.
        let agent = "x" + String(repeating: "\u{301}", count: 2000)
        var token: String?
        for _ in 0..<101 { token = try harness.login(agent: agent).json["accessToken"]?.string }
        let page = try harness.send("GET", "/api/auth/sessions", token: token)
        #expect(page.status == 200)
        #expect(page.json.names == ["sessions", "nextCursor"])
        #expect(page.json["nextCursor"] == .null)
        let sessions = page.json["sessions"]?.array ?? []
        #expect(sessions.count == 100)
        #expect(sessions.allSatisfy { $0["userAgent"]?.string?.utf8.count == 199 })
        for cursor in ["x", "", "1.2"] {
            let refused = try harness.send(
                "GET", "/api/auth/sessions?cursor=\(cursor)", token: token)
            #expect(refused.status == 400)
        }
    }

    @Test("The response to a password change lists the keys that keep working")
    func keys() throws {
        let token = try harness.login().json["accessToken"]?.string
        let key = try harness.send(
            "POST", "/api/auth/keys",
            ["name": "blog", "scopes": ["read"], "expiresAt": NSNull()], token: token)
        let changed = try harness.send(
            "POST", "/api/auth/password",
            ["currentPassword": TestUser.password, "newPassword": "a better horse"], token: token)
        #expect(changed.status == 200)
        let keys = changed.json["keys"]?.array ?? []
        #expect(keys.map { $0["id"] } == [key.json["id"]])
        #expect(
            keys.first?.names == ["id", "name", "scopes", "createdAt", "expiresAt", "usedAt"])
    }
}
