import Cryptography
import Foundation
import Support
import Testing

@testable import Credentials

/// Invalid tokens. Most are signed with the service's own secret, so that only their fault can be the reason
/// for a refusal. All are sent to a responder in this process. One of each kind is also sent to a running
/// service through both gateways.
@Suite struct AttackTests {
    /// The access token of a valid session, and its parts.
    struct Victim {
        let token: String
        let refreshToken: String
        let secret: String
        let header: String
        let claims: String
        /// The key id in `header`.
        let kid: String

        init(token: String, refreshToken: String, secret: String) throws {
            let parts = token.split(separator: ".")
            self.token = token
            self.refreshToken = refreshToken
            self.secret = secret
            header = String(decoding: try #require(Base64URL.decode(parts[0])), as: UTF8.self)
            claims = String(decoding: try #require(Base64URL.decode(parts[1])), as: UTF8.self)
            kid = String(try #require(header.firstMatch(of: /"kid":"([^"]*)"/)).1)
        }

        var parts: [String] { token.split(separator: ".").map(String.init) }

        func signed(header: String? = nil, claims: String? = nil, secret: String? = nil) -> String {
            let texts = [header ?? self.header, claims ?? self.claims]
            let input = texts.map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".")
            let key = Array((secret ?? self.secret).utf8)
            return input + "." + Base64URL.encode(HMACSHA256.of(Array(input.utf8), key: key))
        }

        /// A token with another header and an empty signature.
        func unsigned(header: String) -> String {
            Base64URL.encode(Array(header.utf8)) + "." + parts[1] + "."
        }

        func with(_ name: String, _ value: String) -> String {
            signed(
                claims: claims.replacing(try! Regex("\"\(name)\":(\"[^\"]*\"|[0-9]+)")) { _ in
                    "\"\(name)\":\(value)"
                })  // because the names below make valid patterns
        }
    }

    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: String
        let token: @Sendable (Victim) -> String

        init(
            _ what: String, _ code: String = "invalid_token",
            _ token: @escaping @Sendable (Victim) -> String
        ) {
            testDescription = what
            self.code = code
            self.token = token
        }
    }

    static let now = Int64(Date().timeIntervalSince1970)

    static let expired: @Sendable (Victim) -> String = { victim in
        victim.signed(
            claims: victim.claims
                .replacing(/"iat":[0-9]+/, with: "\"iat\":\(now - 7200)")
                .replacing(/"exp":[0-9]+/, with: "\"exp\":\(now - 3600)"))
    }

    static let attacks = [
        Attack("alg none") {
            $0.unsigned(header: #"{"alg":"none","kid":"\#($0.kid)","typ":"at+jwt"}"#)
        },
        Attack("alg None, no kid") { $0.unsigned(header: #"{"alg":"None","typ":"JWT"}"#) },
        Attack("alg none, signature kept") {
            $0.unsigned(header: #"{"alg":"none","kid":"\#($0.kid)","typ":"at+jwt"}"#) + $0.parts[2]
        },
        Attack("the signature cut off") { $0.parts[0] + "." + $0.parts[1] + "." },
        Attack("two parts") { $0.parts[0] + "." + $0.parts[1] },
        Attack("four parts") { $0.token + "." + $0.parts[2] },
        Attack("alg HS384") { $0.signed(header: $0.header.replacing("HS256", with: "HS384")) },
        Attack("alg RS256") { $0.signed(header: $0.header.replacing("HS256", with: "RS256")) },
        Attack("an empty secret") { $0.signed(secret: "") },
        Attack("another secret") { $0.signed(secret: String(repeating: "s", count: 43)) },
        Attack("kid with a file path") {
            $0.signed(header: $0.header.replacing($0.kid, with: "/dev/null"), secret: "")
        },
        Attack("kid with SQL") {
            $0.signed(header: $0.header.replacing($0.kid, with: "' UNION SELECT 'x"))
        },
        Attack("no kid") { $0.signed(header: #"{"alg":"HS256","typ":"at+jwt"}"#) },
        Attack("a key in the header") {
            $0.signed(header: $0.header.dropLast() + #","jwk":{"kty":"oct","k":""}}"#, secret: "")
        },
        Attack("the URL of a key in the header") {
            $0.signed(header: $0.header.dropLast() + #","jku":"http://127.0.0.1/"}"#)
        },
        Attack("alg twice") { $0.signed(header: $0.header.dropLast() + #","alg":"none"}"#) },
        Attack("typ JWT") { $0.signed(header: $0.header.replacing("at+jwt", with: "JWT")) },
        Attack("a refresh token's typ") {
            $0.signed(header: $0.header.replacing("at+jwt", with: "rt+jwt"))
        },
        Attack("a refresh token") { $0.refreshToken },
        Attack("another audience") { $0.with("aud", #""multires-auth""#) },
        Attack("another issuer") { $0.with("iss", #""https://example.org""#) },
        Attack("sub twice") { $0.signed(claims: $0.claims.dropLast() + #","sub":"x"}"#) },
        Attack("exp as a string") { $0.with("exp", #""9999999999""#) },
        Attack("exp of 1e300") { $0.with("exp", "1e300") },
        Attack("issued an hour from now") { $0.with("iat", "\(now + 3600)") },
        Attack("not valid for another hour") {
            $0.signed(claims: $0.claims.dropLast() + #","nbf":\#(now + 3600)}"#)
        },
        Attack("expired an hour ago", "expired_token", expired),
        Attack("an unknown session", "revoked_token") {
            $0.with("sid", #""01890000-0000-7000-8000-000000000000""#)
        },
        Attack("a session that is not an id", "revoked_token") { $0.with("sid", #""1 OR 1=1""#) },
        Attack("another account with this session", "revoked_token") {
            $0.with("sub", #""01890000-0000-7000-8000-000000000000""#)
        },
        Attack("5 KiB") {
            $0.signed(
                claims: $0.claims.dropLast() + #","x":"\#(String(repeating: "x", count: 4000))"}"#)
        },
        Attack("base64 with padding") { $0.token + "=" },
        Attack("base64 of the other alphabet") {
            $0.token.replacing("-", with: "+").replacing("_", with: "/") + "+"
        },
        Attack("another spelling of the signature") { victim in
            let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            let last = digits.firstIndex(of: victim.token.last ?? "A") ?? 0
            return victim.token.dropLast() + String(digits[last ^ 1])
        },
        Attack("JSON with white space") { $0.signed(header: $0.header.replacing(":", with: ": ")) },
        Attack("claims that are not JSON") { $0.signed(claims: "sub=admin") },
        Attack("claims in a list") { $0.signed(claims: "[\($0.claims)]") },
        Attack("only dots") { _ in ".." },
        Attack("a word") { _ in "null" },
        Attack("an unknown API key") { _ in "mr_000000000000000000000000000000000000" },
    ]

    @Test("An invalid token is refused in a header, by verify and as a refresh token")
    func refused() throws {
        let harness = try AuthHarness()
        for (number, attack) in Self.attacks.enumerated() {
            let person = try harness.register("\(number)@example.org")
            let victim = try Victim(
                token: try #require(person["accessToken"]?.string),
                refreshToken: try #require(person["refreshToken"]?.string),
                secret: AuthHarness.accessSecret)
            let token = attack.token(victim)
            #expect(token != victim.token)
            let asHeader = try harness.send("GET", "/api/auth/me", token: token)
            #expect(asHeader.status == 401, "\(attack)")
            #expect(asHeader.json["code"]?.string == attack.code, "\(attack): \(asHeader.json)")
            let verified = try harness.send("POST", "/api/auth/verify", ["token": token])
            #expect(verified.status == 401, "\(attack)")
            #expect(verified.json["valid"]?.bool == false, "\(attack)")
            // verify does not accept API keys.
            #expect(verified.json["code"]?.string == attack.code, "\(attack): \(verified.json)")
            let refreshed = try harness.send("POST", "/api/auth/refresh", ["refreshToken": token])
            #expect(
                refreshed.status == (token == victim.refreshToken ? 200 : 401), "\(attack)")
            #expect(try harness.send("GET", "/api/auth/me", token: victim.token).status == 200)
        }
    }

    /// One of each kind: unsigned, another key, another type of token, expired, revoked, too long.
    static let representatives = attacks.filter {
        [
            "alg none", "another secret", "a refresh token", "expired an hour ago",
            "an unknown session", "5 KiB",
        ].contains($0.testDescription)
    }

    @Test(
        "Both responders refuse invalid tokens, with FastCGI and with CGI",
        arguments: representatives, Stack.Gateway.allCases)
    func refusedByService(_ attack: Attack, _ gateway: Stack.Gateway) throws {
        try #require(Self.representatives.count == 6)
        let stack = try Stacks.shared(gateway)
        let victim = try Self.victim(on: stack)
        let token = attack.token(victim)
        let attacker = Client(base: stack.client.base, token: token)
        for path in ["/api/auth/me", "/api/images"] {
            let answer = try attacker.get(path)
            #expect(answer.status == 401)
            #expect(answer.code == attack.code, "\(answer.text)")
            #expect(answer.headers["www-authenticate"] == "Bearer")
        }
        let verified = try stack.client.post("/api/auth/verify", json: ["token": token])
        #expect(verified.status == 401)
        #expect(verified["valid"].bool == false)
        #expect(verified.code == attack.code)
    }

    @Test("A valid token that the tests assemble from its parts is accepted")
    func control() throws {
        let stack = try Stacks.shared(.fastcgi)
        let victim = try Self.victim(on: stack)
        let good = Client(base: stack.client.base, token: victim.signed())
        #expect(try good.get("/api/auth/me").status == 200)
        #expect(victim.signed() == victim.token)
        #expect(victim.with("aud", #""multires-api""#) == victim.token)
    }

    @Test(
        "A request without a bearer token gets missing_token",
        arguments: [
            [], ["Authorization:"], ["Authorization: Basic YTpi"], ["Authorization: Bearer"],
            ["Authorization: Bearer "], ["Authorization: Token abc"],
        ])
    func missing(_ headers: [String]) throws {
        let client = try Stacks.shared(.fastcgi).client
        let answer = try client.get("/api/auth/me", headers: headers)
        #expect(answer.status == 401)
        #expect(answer.code == "missing_token")
    }

    @Test("A token longer than nginx's header limit gets invalid_request")
    func hugeHeader() throws {
        var client = try Stacks.shared(.fastcgi).client
        client.token = String(repeating: "x", count: 100_000)
        let answer = try client.get("/api/auth/me")
        #expect([400, 431].contains(answer.status))
        #expect(answer.code == "invalid_request")
    }

    /// A new user's token, with the secret of this stack.
    static func victim(on stack: Stack) throws -> Victim {
        let person = try TestUser(on: stack)
        let secrets = try String(contentsOfFile: stack.data + "/secrets.env", encoding: .utf8)
        return try Victim(
            token: try #require(person.client.token), refreshToken: person.refreshToken,
            secret: String(try #require(secrets.firstMatch(of: /(?m)^JWT_SECRET=(.*)$/)).1))
    }
}
