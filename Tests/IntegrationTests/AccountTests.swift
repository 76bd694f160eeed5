import Foundation
import Support
import Testing

/// The account API, with FastCGI and with CGI.
@Suite struct AccountTests {
    static func email() -> String { "\(UUID().uuidString.lowercased())@example.org" }

    static func body(_ email: String, _ password: String = "correct horse battery") -> String {
        #"{"email": "\#(email)", "password": "\#(password)"}"#
    }

    @Test("Register, login, me, verify, refresh, logout", arguments: Stack.Gateway.allCases)
    func walk(_ gateway: Stack.Gateway) throws {
        let client = try Stacks.shared(gateway).client
        let email = Self.email()
        let registered = try client.post("/api/auth/register", json: Self.body(email))
        #expect(registered.status == 201)
        #expect(
            registered.json.names == [
                "message", "userId", "email", "accessToken", "refreshToken", "deviceToken",
            ])
        #expect(registered["email"].string == email)

        let login = try client.post("/api/auth/login", json: Self.body(email.uppercased()))
        #expect(login.status == 200)
        #expect(login["message"].string == "Login successful")
        #expect(login["userId"] == registered["userId"])
        var signedIn = client
        signedIn.token = login["accessToken"].string

        let me = try signedIn.get("/api/auth/me")
        #expect(me.json.names == ["userId", "email", "createdAt", "usage", "quota"])
        #expect(me["usage"] == .object(["images": .number(0), "bytes": .number(0)]))

        let verified = try client.post(
            "/api/auth/verify", json: #"{"token": "\#(signedIn.token ?? "")"}"#)
        #expect(verified.status == 200)
        #expect(verified.json.names == ["valid", "userId", "email", "expiresAt"])

        let refresh = #"{"refreshToken": "\#(login["refreshToken"].string ?? "")"}"#
        let refreshed = try client.post("/api/auth/refresh", json: refresh)
        #expect(refreshed.status == 200)
        #expect(refreshed.json.names == ["message", "accessToken", "refreshToken"])
        #expect(refreshed["refreshToken"] != login["refreshToken"])
        let repeated = try client.post("/api/auth/refresh", json: refresh)
        #expect(repeated["refreshToken"] == refreshed["refreshToken"])

        let last = #"{"refreshToken": "\#(refreshed["refreshToken"].string ?? "")"}"#
        #expect(try client.post("/api/auth/logout", json: last).status == 204)
        #expect(try signedIn.get("/api/auth/me").code == "revoked_token")
        #expect(try client.post("/api/auth/refresh", json: last).code == "revoked_token")
        let invalid = try client.post(
            "/api/auth/verify", json: #"{"token": "\#(signedIn.token ?? "")"}"#)
        #expect(invalid.status == 401)
        #expect(invalid["valid"].bool == false)
    }

    @Test(
        "Each kind of bad input gets its own error code",
        arguments: [
            ("", 400, "invalid_request"),
            ("{", 400, "invalid_request"),
            ("[]", 400, "invalid_request"),
            (#"{"email": "a@example.org"}"#, 400, "invalid_request"),
            (#"{"email": 7, "password": "correct horse battery"}"#, 400, "invalid_request"),
            (body("no-at-sign.example.org"), 400, "invalid_email"),
            (body("a@example.org", "short"), 400, "weak_password"),
            (body("a@example.org", "password1"), 400, "weak_password"),
            (body("someone@example.org", "someone@example.org"), 400, "weak_password"),
        ])
    func refused(_ body: String, _ status: Int, _ code: String) throws {
        let answer = try Stacks.shared(.fastcgi).client.post("/api/auth/register", json: body)
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.code == code)
    }

    @Test("An email is taken regardless of case")
    func taken() throws {
        let client = try Stacks.shared(.fastcgi).client
        let email = Self.email()
        #expect(try client.post("/api/auth/register", json: Self.body(email)).status == 201)
        let again = try client.post("/api/auth/register", json: Self.body(email.uppercased()))
        #expect(again.status == 409)
        #expect(again.code == "email_taken")
    }

    @Test("An unknown email and a wrong password get the same response")
    func alike() throws {
        let client = try Stacks.shared(.fastcgi).client
        let email = Self.email()
        _ = try client.post("/api/auth/register", json: Self.body(email))
        let wrong = try client.post("/api/auth/login", json: Self.body(email, "not this one"))
        let unknown = try client.post(
            "/api/auth/login", json: Self.body(Self.email(), "not this one"))
        #expect(wrong.status == 401)
        #expect(unknown.status == 401)
        #expect(wrong.code == "invalid_credentials")
        #expect(wrong["error"] == unknown["error"])
        #expect(Set(wrong.headers.keys) == Set(unknown.headers.keys))
    }

    @Test("Using an old refresh token revokes the session permanently")
    func reuse() throws {
        let client = try Stacks.shared(.fastcgi).client
        let first = try client.post("/api/auth/register", json: Self.body(Self.email()))
        var token = first["refreshToken"].string ?? ""
        for _ in 0..<2 {
            token =
                try client.post("/api/auth/refresh", json: #"{"refreshToken": "\#(token)"}"#)[
                    "refreshToken"
                ]
                .string ?? ""
        }
        let stolen = #"{"refreshToken": "\#(first["refreshToken"].string ?? "")"}"#
        #expect(try client.post("/api/auth/refresh", json: stolen).code == "revoked_token")
        let current = #"{"refreshToken": "\#(token)"}"#
        #expect(try client.post("/api/auth/refresh", json: current).code == "revoked_token")
    }

    @Test("An access token does not work as a refresh token, nor the reverse")
    func kinds() throws {
        let client = try Stacks.shared(.fastcgi).client
        let answer = try client.post("/api/auth/register", json: Self.body(Self.email()))
        let access = answer["accessToken"].string ?? ""
        #expect(
            try client.post("/api/auth/refresh", json: #"{"refreshToken": "\#(access)"}"#).code
                == "invalid_token")
        var confused = client
        confused.token = answer["refreshToken"].string
        #expect(try confused.get("/api/auth/me").code == "invalid_token")
    }

    @Test("Registration can be closed")
    func closed() throws {
        let stack = try Stack(settings: ["MULTIRES_REGISTRATION": "closed"])
        let answer = try stack.client.post("/api/auth/register", json: Self.body(Self.email()))
        #expect(answer.status == 403)
        #expect(answer.code == "forbidden")
    }
}
