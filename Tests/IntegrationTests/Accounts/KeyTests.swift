import Credentials
import Foundation
import Model
import Support
import Testing

@Suite struct KeyTests {
    @Test(
        "An API key is shown once, listed without its secret, and stored only as a hash",
        arguments: Stack.Gateway.allCases)
    func make(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let person = try TestUser(on: stack)
        let made = try person.client.post(
            "/api/auth/keys",
            json: [
                "name": " camera ", "scopes": ["read", "upload"],
                "expiresAt": "2040-01-31T12:00:00Z",
            ])
        #expect(made.status == 201)
        let names: Set = ["id", "name", "scopes", "createdAt", "expiresAt", "usedAt"]
        #expect(made.json.names == names.union(["key"]))
        #expect(made["name"].string == "camera")
        #expect(made["scopes"].array.map(\.string) == ["read", "upload"])
        #expect(made["expiresAt"].string == "2040-01-31T12:00:00.000Z")
        #expect(made["usedAt"] == .null)
        let key = try #require(made["key"].string)

        let listed = try person.client.get("/api/auth/keys")
        #expect(listed["keys"].array.count == 1)
        #expect(listed["keys"].array.first?.names == names)
        #expect(!listed.text.contains(key))
        for file in ["", "-wal"] {
            let bytes = FileManager.default.contents(atPath: stack.data + "/catalog.sqlite3" + file)
            #expect(bytes?.range(of: Data(key.utf8)) == nil)
        }
        #expect(!stack.logText.contains(key))
    }

    @Test(
        "The error for an API key that cannot be created names the field",
        arguments: [
            (#"{"scopes": ["read"], "expiresAt": null}"#, "The field 'name' is missing."),
            (
                #"{"name": " ", "scopes": ["read"], "expiresAt": null}"#,
                "The field 'name' must have 1 to 100 characters, and not only whitespace."
            ),
            (
                #"{"name": "n", "scopes": [], "expiresAt": null}"#,
                "The field 'scopes' must list one or more of upload, read and write."
            ),
            (
                #"{"name": "n", "scopes": ["read", "admin"], "expiresAt": null}"#,
                "scopes: 'admin' is not upload, read or write."
            ),
            (
                #"{"name": "n", "scopes": ["read"], "expiresAt": "soon"}"#,
                "expiresAt: 'soon' is not a future time such as 2040-01-31T12:00:00Z."
            ),
        ])
    func invalid(_ body: String, _ sentence: String) throws {
        let harness = try AuthHarness()
        let token = try harness.register()["accessToken"]?.string
        let answer = try harness.send(
            "POST", "/api/auth/keys", bytes: Data(body.utf8), token: token)
        #expect(answer.status == 400)
        #expect(answer.json["code"]?.string == "invalid_request")
        #expect(answer.json["error"]?.string == sentence)
    }

    @Test("An API key can do only what its scopes allow", arguments: Stack.Gateway.allCases)
    func scopes(_ gateway: Stack.Gateway) throws {
        let person = try TestUser(on: Stacks.shared(gateway))
        let folder = TemporaryFolder()
        let photo = try SmallPhoto.file(in: folder)
        let image = try #require(try person.client.upload(photo)["imageId"].string)
        let path = "/api/images/\(image)"
        let other = try SmallPhoto.file(1, in: folder)
        let requests: [(scope: String, send: (Client) throws -> Answer)] = [
            ("upload", { try $0.upload(other) }),
            ("read", { try $0.get("/api/images") }),
            ("read", { try $0.get(path) }),
            ("read", { try $0.get(path + "/status") }),
            ("read", { try $0.get("/api/images/status?ids=\(image)") }),
            ("write", { try $0.send("PATCH", path, json: ["alt": "a"]) }),
            ("write", { try $0.post(path + "/retry") }),
            ("write", { try $0.delete(path) }),
        ]
        for scope in ["upload", "read", "write"] {
            let key = try person.key(scope).client
            for request in requests {
                let answer = try request.send(key)
                if request.scope == scope {
                    #expect(![401, 403].contains(answer.status), "\(scope): \(answer.text)")
                } else {
                    #expect(answer.status == 403)
                    #expect(answer.code == "forbidden")
                }
            }
        }
    }

    @Test("An API key can never manage the account", arguments: Stack.Gateway.allCases)
    func account(_ gateway: Stack.Gateway) throws {
        let person = try TestUser(on: Stacks.shared(gateway))
        let (key, id) = try person.key("upload", "read", "write")
        let new = ["currentPassword": person.password, "newPassword": "a better horse"]
        let answers = [
            try key.get("/api/auth/me"), try key.get("/api/auth/sessions"),
            try key.delete("/api/auth/sessions/\(person.id)"),
            try key.post("/api/auth/logout-all"),
            try key.post("/api/auth/password", json: new), try key.get("/api/auth/keys"),
            try key.post(
                "/api/auth/keys", json: ["name": "x", "scopes": ["read"], "expiresAt": NSNull()]),
            try key.delete("/api/auth/keys/\(id)"),
            try key.send("DELETE", "/api/auth/me", json: ["password": person.password]),
        ]
        for answer in answers {
            #expect(answer.status == 403)
            #expect(answer.code == "forbidden")
        }
        #expect(try key.post("/api/auth/verify", json: [:]).code == "invalid_token")
        #expect(try person.refusal() == nil)
    }

    @Test("The list of API keys has the last use of each key", arguments: Stack.Gateway.allCases)
    func used(_ gateway: Stack.Gateway) throws {
        let person = try TestUser(on: Stacks.shared(gateway))
        let key = try person.key("read").client
        #expect(try key.get("/api/images").status == 200)
        #expect(try key.get("/api/images").status == 200)
        let listed = try person.client.get("/api/auth/keys")["keys"].array
        #expect(listed.first?["usedAt"]?.string != nil)
    }

    @Test(
        "A revoked key stops working at once, and an expired or mistyped key gets its own error",
        arguments: Stack.Gateway.allCases)
    func ends(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let person = try TestUser(on: stack)
        let (revoked, id) = try person.key("read")
        #expect(try revoked.get("/api/images").status == 200)
        #expect(try person.client.delete("/api/auth/keys/\(id)").status == 204)
        #expect(try revoked.get("/api/images").code == "revoked_token")
        #expect(try person.client.delete("/api/auth/keys/\(id)").status == 404)

        // A key that was made an hour ago for a minute. The API cannot make an expired key.
        let made = APIKey.make()
        let row = APIKey(
            id: Identifier(), account: try #require(Identifier<Account>(person.id)), name: "old",
            scopes: [.read], createdAt: .now() - .seconds(3600),
            expiresAt: .now() - .seconds(3540))
        _ = try stack.catalog().accounts.add(row, digest: made.digest, limit: 50, by: nil)
        let expired = Client(base: stack.client.base, token: made.text)
        #expect(try expired.get("/api/images").code == "expired_token")

        var typo = revoked
        let last = revoked.token?.last == "0" ? "1" : "0"
        typo.token = (revoked.token ?? "").dropLast() + last
        let answer = try typo.get("/api/images")
        #expect(answer.code == "invalid_token")
        #expect(answer.headers["www-authenticate"] == "Bearer")
    }

    @Test("An API key keeps working after all sessions were ended")
    func outlives() throws {
        let person = try TestUser(on: Stacks.shared(.fastcgi))
        let key = try person.key("read").client
        _ = try person.client.post("/api/auth/logout-all")
        #expect(try key.get("/api/images").status == 200)
    }

    @Test(
        "An invalid request for an API key gets an error that names the member",
        arguments: [
            (#"{"scopes": ["read"], "expiresAt": null}"#, "name"),
            (#"{"name": " ", "scopes": ["read"], "expiresAt": null}"#, "name"),
            (#"{"name": 7, "scopes": ["read"], "expiresAt": null}"#, "name"),
            (#"{"name": "x", "expiresAt": null}"#, "scopes"),
            (#"{"name": "x", "scopes": [], "expiresAt": null}"#, "scopes"),
            (#"{"name": "x", "scopes": ["admin"], "expiresAt": null}"#, "scopes"),
            (#"{"name": "x", "scopes": "read", "expiresAt": null}"#, "scopes"),
            (#"{"name": "x", "scopes": ["read"]}"#, "expiresAt"),
            (#"{"name": "x", "scopes": ["read"], "expiresAt": "soon"}"#, "expiresAt"),
            (
                #"{"name": "x", "scopes": ["read"], "expiresAt": "2001-01-01T00:00:00Z"}"#,
                "expiresAt"
            ),
            (#"{"name": "x", "scopes": ["read"], "expiresAt": 4000000000}"#, "expiresAt"),
        ])
    func refused(_ body: String, _ member: String) throws {
        let person = try TestUser(on: Stacks.shared(.fastcgi))
        let answer = try person.client.post("/api/auth/keys", json: body)
        #expect(answer.status == 400)
        #expect(answer.code == "invalid_request")
        #expect(answer["error"].string?.contains(member) == true, "\(answer.text)")
    }

    @Test("An account may have at most 50 API keys")
    func limit() throws {
        let person = try TestUser(on: Stacks.shared(.fastcgi))
        for _ in 1...50 { _ = try person.key("read") }
        let answer = try person.client.post(
            "/api/auth/keys", json: ["name": "x", "scopes": ["read"], "expiresAt": NSNull()])
        #expect(answer.status == 403)
        #expect(answer.code == "quota_exceeded")
        #expect(try person.client.get("/api/auth/keys")["keys"].array.count == 50)
    }
}
