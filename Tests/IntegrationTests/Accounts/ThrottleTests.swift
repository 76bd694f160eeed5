import Foundation
import Model
import Support
import Testing

@Suite struct ThrottleTests {
    @Test(
        "After five wrong passwords every attempt is refused for a while, even with the right one",
        arguments: Stack.Gateway.allCases)
    func pair(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let person = try TestUser(on: stack)
        for _ in 1...5 { #expect(try person.login("a guess").code == "invalid_credentials") }
        // More guesses, until the wait is long enough for the checks below.
        var refused: Answer?
        let isSlowed = try eventually(every: 0.5) {
            refused = try person.login("a guess")
            return (refused?["retryAfter"].int ?? 0) >= 4
        }
        #expect(isSlowed)
        #expect(refused?.status == 429)
        #expect(refused?.code == "rate_limited")
        #expect(refused?.headers["retry-after"] == refused?["retryAfter"].int.map { String($0) })
        #expect(try person.login(person.password).code == "rate_limited")
        // Other accounts do not wait, and sessions keep working.
        #expect(try TestUser(on: stack).elsewhere().refusal() == nil)
        #expect(try person.refusal() == nil)
        #expect(try person.refresh().status == 200)
        #expect(try eventually(every: 0.5) { try person.login(person.password).status == 200 })
        #expect(try person.login("a guess").code == "invalid_credentials")
    }

    @Test("Wrong passwords for an unknown email are limited like those for a known one")
    func unknown() throws {
        let harness = try AuthHarness()
        let now = Timestamp.now()
        harness.clock = { now }
        _ = try harness.register("known@example.org")
        for email in ["known@example.org", "nobody@example.org", "no address at all"] {
            let codes = try (1...6).map { _ in
                try harness.login("a guess", email: email).json["code"]?.string
            }
            #expect(codes == Array(repeating: "invalid_credentials", count: 5) + ["rate_limited"])
        }
    }

    @Test("Wrong passwords for a password change or a deletion count like those for a login")
    func elsewhere() throws {
        let harness = try AuthHarness()
        var now = Timestamp.now()
        harness.clock = { now }
        let token = try harness.register()["accessToken"]?.string
        func change() throws -> String? {
            try harness.send(
                "POST", "/api/auth/password",
                ["currentPassword": "a guess", "newPassword": "a better horse"], token: token
            ).json["code"]?.string
        }
        func delete() throws -> String? {
            try harness.send(
                "DELETE", "/api/auth/me", ["password": "a guess"], token: token
            ).json["code"]?.string
        }
        for attempt in [change, delete, change, delete, change] {
            #expect(try attempt() == "invalid_credentials")
        }
        for attempt in [change, delete, { try harness.login().json["code"]?.string }] {
            #expect(try attempt() == "rate_limited")
        }
        now = now + .seconds(1)
        #expect(try harness.login().status == 200)
    }

    @Test("An address is limited after the configured number of failures for many accounts")
    func address() throws {
        let stack = try Stack(settings: ["MULTIRES_LOGIN_ADDRESS_FAILURES": "3"])
        let person = try TestUser(on: stack)
        for _ in 1...3 {
            let guess = ["email": AccountTests.email(), "password": "a guess"]
            #expect(
                try stack.client.post("/api/auth/login", json: guess).code == "invalid_credentials")
        }
        let guess = ["email": AccountTests.email(), "password": "a guess"]
        let isSlowed = try eventually(every: 0.5) {
            (try stack.client.post("/api/auth/login", json: guess)["retryAfter"].int ?? 0) >= 4
        }
        #expect(isSlowed)
        #expect(try person.login(person.password).code == "rate_limited")
        #expect(try person.refusal() == nil)
        #expect(try eventually(every: 0.5) { try person.login(person.password).status == 200 })
    }

    @Test("Failures are stored without the email, the address and the password")
    func digests() throws {
        let stack = try Stack()
        let email = AccountTests.email()
        let guess = ["email": email, "password": "a guess that is stored nowhere"]
        #expect(try stack.client.post("/api/auth/login", json: guess).code == "invalid_credentials")
        for file in ["catalog.sqlite3", "catalog.sqlite3-wal"] {
            let bytes = FileManager.default.contents(atPath: "\(stack.data)/\(file)") ?? Data()
            for secret in [email, "127.0.0.1", "stored nowhere"] {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(file)")
            }
        }
        #expect(!stack.logText.contains(email))
    }

    @Test("The responses to 300 attempts with known and unknown emails are equal")
    func alike() throws {
        let raised = ["PAIR", "ACCOUNT", "ADDRESS"].map { ("MULTIRES_LOGIN_\($0)_FAILURES", "999") }
        let stack = try Stack(settings: Dictionary(uniqueKeysWithValues: raised))
        let known = try TestUser(on: stack).email
        let folder = TemporaryFolder()
        var lines: [String] = []
        for number in 0..<300 {
            let email = number % 2 == 0 ? known : AccountTests.email()
            let body = folder.file("body\(number)")
            try Data(AccountTests.body(email, "a guess").utf8)
                .write(to: URL(fileURLWithPath: body))
            lines += [
                "url = \"\(stack.client.base)/api/auth/login\"", "data-binary = \"@\(body)\"",
                "header = \"Content-Type: application/json\"",
                "output = \"\(folder.file("answer\(number)"))\"",
                "dump-header = \"\(folder.file("head\(number)"))\"", "silent", "next",
            ]
        }
        try Data(lines.dropLast().joined(separator: "\n").utf8)
            .write(to: URL(fileURLWithPath: folder.file("curl")))
        #expect(try Shell.run("curl", ["-K", folder.file("curl")]).status == 0)

        var forms: Set<String> = []
        for number in 0..<300 {
            let answer = try String(contentsOfFile: folder.file("answer\(number)"), encoding: .utf8)
            let head = try String(contentsOfFile: folder.file("head\(number)"), encoding: .utf8)
            // Without the request id and the date, which differ in every response.
            forms.insert(
                (head + answer).replacing(/[0-9a-f]{32}/, with: "id")
                    .replacing(/(?i)\r\ndate: [^\r]*/, with: ""))
        }
        #expect(forms.count == 1, "\(forms)")
        #expect(forms.first?.contains("invalid_credentials") == true)
    }
}

extension TestUser {
    func login(_ password: String) throws -> Answer {
        try Client(base: client.base).post(
            "/api/auth/login", json: ["email": email, "password": password])
    }
}
