import Foundation
import Support
import Testing

/// Requests for another account's data get the same response as for data that does not exist.
@Suite struct OtherAccountTests {
    /// What the id in a route belongs to.
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
        "User A can neither read nor change data of user B by its id, with a session or a key",
        arguments: Stack.Gateway.allCases)
    func byID(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let owner = try TestUser(on: stack)
        let folder = TemporaryFolder()
        let photo = try SmallPhoto.file(in: folder)
        let image = try owner.client.completed(photo)["id"].string ?? ""
        let (key, keyID) = try owner.key("read")
        let session = try owner.client.get("/api/auth/sessions")["sessions"].array[0]["id"]?.string
        let other = try TestUser(on: stack)
        let otherKey = try other.key("read", "write", "upload").client
        let before = try Self.belongings(of: owner, image)

        for request in Self.requests {
            let id: String =
                switch request.noun {
                case .image: image
                case .session: session ?? ""
                case .key: keyID
                }
            for client in [other.client] + (request.noun == .image ? [otherKey] : []) {
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

    @Test("Lists and counts have only the account's own data", arguments: Stack.Gateway.allCases)
    func lists(_ gateway: Stack.Gateway) throws {
        let stack = try Stacks.shared(gateway)
        let owner = try TestUser(on: stack)
        let folder = TemporaryFolder()
        let photo = try SmallPhoto.file(in: folder)
        let idempotent = ["Idempotency-Key: \(UUID().uuidString)"]
        let image = try #require(
            try owner.client.upload(photo, headers: idempotent)["imageId"].string)
        _ = try owner.key("read")

        let other = try TestUser(on: stack)
        #expect(try other.client.get("/api/images?q=jpg")["images"].array.isEmpty)
        #expect(try other.client.get("/api/images?cursor=\(image)")["images"].array.isEmpty)
        #expect(try other.client.get("/api/images/status?ids=\(image)")["images"].array.isEmpty)
        #expect(try other.client.get("/api/auth/keys")["keys"].array.isEmpty)
        #expect(try other.client.get("/api/auth/sessions")["sessions"].array.count == 1)
        #expect(try other.client.get("/api/auth/me")["usage"]["images"]?.int == 0)
        // The same bytes with the same idempotency key are a new image of the other account.
        let own = try other.client.upload(photo, headers: idempotent)
        #expect(own.status == 202)
        #expect(own["imageId"].string != image)
    }

    @Test("With user B's refresh token, user A can end that session of B, and nothing else")
    func logout() throws {
        let stack = try Stacks.shared(.fastcgi)
        let owner = try TestUser(on: stack)
        let other = try TestUser(on: stack)
        let ended = try other.client.post(
            "/api/auth/logout", json: ["refreshToken": owner.refreshToken])
        #expect(ended.status == 204)
        #expect(try owner.refusal() == "revoked_token")
        #expect(try other.refusal() == nil)
    }

    /// Everything that another account's request might have changed.
    private static func belongings(of owner: TestUser, _ image: String) throws -> [JSON] {
        let detail = try owner.client.get("/api/images/\(image)")
        return [
            detail["visibility"], detail["alt"], detail["originalName"], detail["status"],
            detail["attempts"],
            .number(Double(try owner.client.get("/api/auth/sessions")["sessions"].array.count)),
            .number(Double(try owner.client.get("/api/auth/keys")["keys"].array.count)),
        ]
    }
}
