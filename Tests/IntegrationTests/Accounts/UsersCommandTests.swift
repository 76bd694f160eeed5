import Foundation
import Support
import Testing

/// `multires users` beside a running service.
@Suite struct UsersCommandTests {
    private let stack: Stack
    private let email = AccountTests.email()

    init() throws {
        stack = try Stacks.shared(.fastcgi, "closed", ["MULTIRES_REGISTRATION": "closed"])
    }

    private func users(_ arguments: String..., input: String = "") throws -> Shell.Output {
        try Shell.run(
            Programs.path("multires"), ["users"] + arguments, environment: stack.environment,
            input: Array(input.utf8))
    }

    private func login(_ password: String = TestUser.password) throws -> Answer {
        try stack.client.post("/api/auth/login", json: ["email": email, "password": password])
    }

    private func add() throws {
        let added = try users("add", email, input: TestUser.password + "\n")
        #expect(added.status == 0, "\(added.errors)")
    }

    @Test("users add works while registration is closed, and reads the password from stdin")
    func added() throws {
        #expect(
            try stack.client.post("/api/auth/register", json: AccountTests.body(email)).code
                == "forbidden")
        try add()
        #expect(try login().status == 200)
        let again = try users("add", email.uppercased(), input: TestUser.password + "\n")
        #expect(again.status == 1)
        #expect(again.errors.contains("already"))
    }

    @Test(
        "users add refuses the emails and passwords that registration refuses",
        arguments: [
            ("no-address", TestUser.password), ("a@example.org", "short"), ("a@example.org", ""),
        ])
    func refused(_ email: String, _ password: String) throws {
        let output = try users("add", email, input: password)
        #expect(output.status == 1)
        #expect(!output.errors.isEmpty)
    }

    @Test("No argument takes a password, because all users could read it in the process list")
    func arguments() throws {
        let output = try users("add", email, TestUser.password)
        #expect(output.status != 0)
        #expect(try login().code == "invalid_credentials")
    }

    @Test("users list prints each account with its usage")
    func list() throws {
        try add()
        let line = try #require(try users("list").lines.first { $0.hasPrefix(email) })
        #expect(line.split(separator: "\t").count == 5)
        #expect(line.contains("\t0\t0\t"))
    }

    @Test("users passwd sets another password and ends the sessions")
    func passwd() throws {
        try add()
        let client = Client(base: stack.client.base, token: try login()["accessToken"].string)
        #expect(try users("passwd", email, input: "a better horse\n").status == 0)
        #expect(try client.get("/api/auth/me").code == "revoked_token")
        #expect(try login().code == "invalid_credentials")
        #expect(try login("a better horse").status == 200)
    }

    @Test("users passwd names the API keys that keep working, and revokes them on request")
    func passwdKeys() throws {
        try add()
        let client = Client(base: stack.client.base, token: try login()["accessToken"].string)
        let made = try client.post(
            "/api/auth/keys", json: ["name": "blog", "scopes": ["read"], "expiresAt": NSNull()])
        let key = Client(base: stack.client.base, token: made["key"].string)
        let named = try users("passwd", email, input: "a better horse\n")
        let line = "\(made["id"].string ?? "")\tblog"
        #expect(named.lines == ["still valid\t" + line])
        #expect(try key.get("/api/images").status == 200)
        let revoked = try users("passwd", email, "--revoke-keys", input: "a fresh horse\n")
        #expect(revoked.lines == ["revoked\t" + line])
        #expect(try key.get("/api/images").code == "revoked_token")
    }

    @Test("users sessions lists the sessions, and ends one or all of them")
    func sessions() throws {
        try add()
        #expect(try users("sessions", email).lines.isEmpty)
        let clients = try (0..<3).map { _ in
            Client(base: stack.client.base, token: try login()["accessToken"].string)
        }
        let lines = try users("sessions", email).lines
        #expect(lines.count == 3)
        let first = String(try #require(lines.first?.split(separator: "\t").first))
        #expect(try users("sessions", email, "--end", first).status == 0)
        #expect(try users("sessions", email, "--end", first).status == 1)
        #expect(try clients.count { try $0.get("/api/auth/me").status == 200 } == 2)
        #expect(try users("sessions", email, "--end-all").status == 0)
        #expect(try clients.allSatisfy { try $0.get("/api/auth/me").code == "revoked_token" })
    }

    @Test("users delete needs the email or --yes, then removes the account, its images and files")
    func delete() throws {
        try add()
        let client = Client(base: stack.client.base, token: try login()["accessToken"].string)
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 200, height: 200, in: folder)
        let image = try #require(try client.completed(photo)["id"].string)
        #expect(try users("delete", email, input: "another\n").status == 1)
        #expect(try client.get("/api/auth/me").status == 200)
        let output = try users("delete", email, input: email + "\n")
        #expect(output.status == 0, "\(output.errors)")
        #expect(output.text.contains("1 image, 5 files"))
        #expect(try client.get("/api/auth/me").code == "revoked_token")
        #expect(!stack.storedFiles.contains { $0.contains(image) })
        #expect(try users("delete", email, "--yes").status == 1)
        try add()
        #expect(try users("delete", email, "--yes").status == 0)
    }
}
