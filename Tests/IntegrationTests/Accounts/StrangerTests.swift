import Foundation
import Support
import Testing

/// Another's things answer exactly as things that are not there.
@Suite struct StrangerTests {
    /// Every route with an id in it, by what the id is of.
    enum Noun { case image, session, key }

    struct Request: Sendable, CustomTestStringConvertible {
        let noun: Noun
        let method: String
        let path: String
        let body: String?

        init(_ noun: Noun, _ method: String, _ path: String, _ body: String? = nil) {
            self.noun = noun
            self.method = method
            self.path = path
            self.body = body
        }

        var testDescription: String { "\(method) \(path)" }

        func send(as client: Client, _ id: String) throws -> Answer {
            try client.send(
                method, path.replacing("ID", with: id), bytes: Data((body ?? "").utf8))
        }
    }

    static let requests = [
        Request(.image, "GET", "/api/images/ID"),
        Request(.image, "GET", "/api/images/ID/status"),
        Request(.image, "GET", "/api/images/ID/status?wait=1"),
        Request(.image, "PATCH", "/api/images/ID", #"{"visibility": "public", "alt": "mine"}"#),
        Request(.image, "POST", "/api/images/ID/retry"),
        Request(.image, "DELETE", "/api/images/ID"),
        Request(.session, "DELETE", "/api/auth/sessions/ID"),
        Request(.key, "DELETE", "/api/auth/keys/ID"),
    ]

    @Test(
        "User A gets nothing and changes nothing by any id of user B, with a session or a key",
        arguments: Stack.Gateway.allCases)
    func byID(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let owner = try Person(on: stack)
        let folder = TemporaryFolder()
        let photo = try SmallPhoto.file(in: folder)
        let image = try owner.client.completed(photo)["id"].string ?? ""
        let (key, keyID) = try owner.key("read")
        let session = try owner.client.get("/api/auth/sessions")["sessions"].array[0]["id"]?.string
        let stranger = try Person(on: stack)
        let strangersKey = try stranger.key("read", "write", "upload").client
        let before = try Self.belongings(of: owner, image)

        for request in Self.requests {
            let id: String =
                switch request.noun {
                case .image: image
                case .session: session ?? ""
                case .key: keyID
                }
            for client in [stranger.client] + (request.noun == .image ? [strangersKey] : []) {
                let foreign = try request.send(as: client, id)
                let absent = try request.send(as: client, "01890000-0000-7000-8000-000000000000")
                #expect(foreign.status == 404, "\(request)")
                #expect(foreign.code == "not_found", "\(request)")
                #expect(foreign["error"] == absent["error"], "\(request)")
                #expect(foreign.json.names == absent.json.names, "\(request)")
                #expect(Set(foreign.headers.keys) == Set(absent.headers.keys), "\(request)")
            }
            #expect(try Self.belongings(of: owner, image) == before, "\(request)")
        }
        #expect(try key.get("/api/images").status == 200)
        #expect(try owner.refresh().status == 200)
    }

    @Test("Lists, counts and names show one's own things alone", arguments: Stack.Gateway.allCases)
    func lists(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let owner = try Person(on: stack)
        let folder = TemporaryFolder()
        let photo = try SmallPhoto.file(in: folder)
        let idempotent = ["Idempotency-Key: \(UUID().uuidString)"]
        let image = try #require(
            try owner.client.upload(photo, headers: idempotent)["imageId"].string)
        _ = try owner.key("read")

        let stranger = try Person(on: stack)
        #expect(try stranger.client.get("/api/images?q=jpg")["images"].array.isEmpty)
        #expect(try stranger.client.get("/api/images?cursor=\(image)")["images"].array.isEmpty)
        #expect(try stranger.client.get("/api/images/status?ids=\(image)")["images"].array.isEmpty)
        #expect(try stranger.client.get("/api/auth/keys")["keys"].array.isEmpty)
        #expect(try stranger.client.get("/api/auth/sessions")["sessions"].array.count == 1)
        #expect(try stranger.client.get("/api/auth/me")["usage"]["images"]?.int == 0)
        // The same bytes, the same key of idempotency: still an image of their own.
        let own = try stranger.client.upload(photo, headers: idempotent)
        #expect(own.status == 202)
        #expect(own["imageId"].string != image)
    }

    @Test(
        "User B's refresh token in user A's hands ends B's session alone, by B's own right to end it"
    )
    func logout() throws {
        let stack = try Stacks.shared(.fastcgi)
        let owner = try Person(on: stack)
        let stranger = try Person(on: stack)
        let ended = try stranger.client.post(
            "/api/auth/logout", json: ["refreshToken": owner.refreshToken])
        #expect(ended.status == 204)
        #expect(try owner.refusal() == "revoked_token")
        #expect(try stranger.refusal() == nil)
    }

    /// Everything that a stranger's request might have changed.
    private static func belongings(of owner: Person, _ image: String) throws -> [JSON] {
        let detail = try owner.client.get("/api/images/\(image)")
        return [
            detail["visibility"], detail["alt"], detail["originalName"], detail["status"],
            detail["attempts"],
            .number(Double(try owner.client.get("/api/auth/sessions")["sessions"].array.count)),
            .number(Double(try owner.client.get("/api/auth/keys")["keys"].array.count)),
        ]
    }
}
