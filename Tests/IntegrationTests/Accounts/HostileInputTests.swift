import Foundation
import Support
import Testing

@Suite struct HostileInputTests {
    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: Data

        init(_ what: String, _ text: String) { self.init(what, Data(text.utf8)) }

        init(_ what: String, _ body: Data) {
            testDescription = what
            self.body = body
        }
    }

    /// Valid members of the bodies of all routes, so that only what is added can be the fault.
    private static let good =
        #""email": "a@example.org", "password": "correct horse battery", "refreshToken": "a.b.c", "#
        + #""currentPassword": "a", "newPassword": "b", "name": "n", "scopes": ["read"], "#
        + #""expiresAt": null"#

    private static func nested(_ open: String, _ close: String, _ depth: Int) -> String {
        let opened = String(repeating: open, count: depth)
        return "{\(good), \"x\": " + opened + "1" + String(repeating: close, count: depth) + "}"
    }

    static let bodies = [
        Hostile("nothing", ""),
        Hostile("white space", " \n\t "),
        Hostile("a list", "[{\(good)}]"),
        Hostile("a string", #""email""#),
        Hostile("null", "null"),
        Hostile("an empty object", "{}"),
        Hostile("20,000 lists deep", nested("[", "]", 20_000)),
        Hostile("9,000 objects deep", nested(#"{"a":"#, "}", 9000)),
        Hostile("20,000 lists that never end", String(nested("[", "]", 20_000).dropLast(20_001))),
        Hostile(
            "members of other types",
            #"{"email": {}, "password": 1, "refreshToken": [], "currentPassword": true, "newPassword": null, "name": 1, "scopes": {}, "expiresAt": []}"#
        ),
        Hostile(
            "members that are null",
            #"{"email": null, "password": null, "refreshToken": null, "currentPassword": null, "name": null, "scopes": null, "expiresAt": null}"#
        ),
        Hostile("a NUL", "{\(good), \"x\": \"\0\"}"),
        Hostile("a NUL, escaped", "{\(good.replacing(": \"", with: ": \"\\u0000"))}"),
        Hostile("a line feed in a string", "{\(good), \"x\": \"\n\"}"),
        Hostile("half a surrogate pair", "{\(good), \"x\": \"\\ud800\"}"),
        Hostile(
            "invalid UTF-8",
            Data("{\(good), \"x\": \"".utf8) + [0xC3, 0x28] + Data("\"}".utf8)),
        Hostile(
            "an overlong slash", Data("{\(good), \"x\": \"".utf8) + [0xC0, 0xAF] + Data("\"}".utf8)),
        Hostile("UTF-16", Data("{\(good)}".data(using: .utf16LittleEndian) ?? Data())),
        Hostile("more text after the object", "{\(good)} {}"),
        Hostile("a trailing comma", "{\(good),}"),
        Hostile("a comment", "{\(good) /* x */}"),
        Hostile("single quotes", "{'email': 'a@example.org'}"),
        Hostile("NaN", "{\(good), \"x\": NaN}"),
        Hostile("a form", "email=a%40example.org&password=x"),
    ]

    @Test("Malformed JSON gets 400 on every route that reads JSON, and changes nothing")
    func refused() throws {
        let harness = try AuthHarness(Self.settings)
        let token = try harness.register()["accessToken"]?.string
        for hostile in Self.bodies {
            for (method, path) in Self.routes {
                let answer = try harness.send(method, path, bytes: hostile.body, token: token)
                // The token of `verify` may come as a header, so its body may be empty.
                if path == "/api/auth/verify", answer.status == 200 { continue }
                #expect(
                    answer.status == 400, "\(hostile): \(method) \(path): \(answer.json)")
                #expect(answer.json["code"]?.string == "invalid_request", "\(hostile)")
            }
        }
        #expect(try harness.send("GET", "/api/auth/me", token: token).status == 200)
    }

    /// Bodies that a transport could misread, or that could crash a process.
    static let representatives = bodies.filter {
        [
            "nothing", "20,000 lists deep", "a NUL", "invalid UTF-8", "a form",
        ].contains($0.testDescription)
    }

    @Test(
        "Malformed JSON gets 400 with FastCGI and CGI, and no responder crashes",
        arguments: representatives, Stack.Gateway.allCases)
    func refusedByService(_ hostile: Hostile, _ gateway: Stack.Gateway) throws {
        try #require(Self.representatives.count == 5)
        let stack =
            gateway == .fastcgi
            ? try Stacks.shared(gateway, "hostile", Self.settings) : try Stacks.shared(gateway)
        let responders = stack.pids("auth-responder")
        let answer = try stack.client.send("POST", "/api/auth/login", bytes: hostile.body)
        #expect(answer.status == 400, "\(answer.text)")
        #expect(answer.code == "invalid_request")
        if gateway == .fastcgi { #expect(stack.pids("auth-responder") == responders) }
    }

    @Test(
        "A body over 64 KiB, or over nginx's limit, gets too_large", arguments: [70_000, 3_000_000])
    func huge(_ size: Int) throws {
        let person = try TestUser(on: Stacks.shared(.fastcgi, "hostile", Self.settings))
        let text = #"{"password": ""# + String(repeating: "x", count: size) + #""}"#
        for (method, path) in Self.routes {
            let answer = try person.client.send(method, path, bytes: Data(text.utf8))
            #expect(answer.status == 413, "\(method) \(path)")
            #expect(answer.code == "too_large")
        }
    }

    private static let settings = ["MULTIRES_LOGIN_ADDRESS_FAILURES": "100000"]

    private static let routes = [
        ("POST", "/api/auth/register"), ("POST", "/api/auth/login"), ("POST", "/api/auth/refresh"),
        ("POST", "/api/auth/verify"), ("POST", "/api/auth/logout"), ("POST", "/api/auth/password"),
        ("POST", "/api/auth/keys"), ("DELETE", "/api/auth/me"),
    ]
}

@Suite struct EmailTests {
    @Test("An email is trimmed and its domain lowercased", arguments: Stack.Gateway.allCases)
    func normal(_ gateway: Stack.Gateway) throws {
        let client = try Stacks.shared(gateway).client
        let name = UUID().uuidString
        let answer = try client.post(
            "/api/auth/register",
            json: ["email": "  \(name)@Example.ORG\n", "password": TestUser.password])
        #expect(answer.status == 201, "\(answer.text)")
        #expect(answer["email"].string == "\(name)@example.org")
        let login = ["email": "\t\(name.lowercased())@EXAMPLE.org ", "password": TestUser.password]
        #expect(try client.post("/api/auth/login", json: login).status == 200)
    }

    @Test("An email may have at most 254 bytes")
    func length() throws {
        let client = try Stacks.shared(.fastcgi).client
        func register(_ length: Int) throws -> Answer {
            let local = String(UUID().uuidString.prefix(36))
            let label = String(repeating: "d", count: 60)
            let rest = length - 37 - 3 * 61 - 4
            let domain = "\(label).\(label).\(label).\(String(repeating: "e", count: rest)).org"
            let email = "\(local)@\(domain)"
            #expect(email.utf8.count == length)
            return try client.post(
                "/api/auth/register", json: ["email": email, "password": TestUser.password])
        }
        #expect(try register(254).status == 201)
        #expect(try register(255).code == "invalid_email")
    }

    @Test("Emails are unique regardless of case, in any script", arguments: Stack.Gateway.allCases)
    func unique(_ gateway: Stack.Gateway) throws {
        let client = try Stacks.shared(gateway).client
        let name = UUID().uuidString.lowercased()
        let emails = ["ärger-\(name)@exämple.org", "ÄRGER-\(name.uppercased())@EXÄMPLE.ORG"]
        let answers = try emails.map {
            try client.post(
                "/api/auth/register", json: ["email": $0, "password": TestUser.password])
        }
        #expect(answers.map(\.status) == [201, 409])
        let login = ["email": emails[1], "password": TestUser.password]
        #expect(try client.post("/api/auth/login", json: login).status == 200)
    }

    @Test("Of 10 parallel registrations of an email, one works", arguments: Stack.Gateway.allCases)
    func race(_ gateway: Stack.Gateway) throws {
        let client = try Stacks.shared(gateway).client
        let name = UUID().uuidString.lowercased()
        let statuses = try atOnce(10) { number in
            let email = number % 2 == 0 ? "\(name)@example.org" : "\(name.uppercased())@example.org"
            return try client.post("/api/auth/register", json: AccountTests.body(email)).status
        }
        #expect(statuses.count { $0 == 201 } == 1)
        #expect(statuses.allSatisfy { [201, 409, 503].contains($0) }, "\(statuses)")
    }
}
