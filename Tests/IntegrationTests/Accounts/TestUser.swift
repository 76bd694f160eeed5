import Foundation
import Support
import Testing

/// A user with an account, and one of their sessions.
struct TestUser {
    let email: String
    let password: String
    let id: String
    /// With the access token.
    var client: Client
    var refreshToken: String

    static let password = "correct horse battery"

    init(on stack: Stack, password: String = TestUser.password) throws {
        email = "\(UUID().uuidString.lowercased())@example.org"
        self.password = password
        let answer = try stack.client.post(
            "/api/auth/register", json: ["email": email, "password": password])
        client = Client(base: stack.client.base, token: answer["accessToken"].string)
        refreshToken = answer["refreshToken"].string ?? ""
        id = try #require(answer["userId"].string, "\(answer.status) \(answer.text)")
    }

    /// Signs in again, as another client of the same user.
    func elsewhere(agent: String = "curl") throws -> TestUser {
        let answer = try Client(base: client.base).post(
            "/api/auth/login", json: ["email": email, "password": password],
            headers: ["User-Agent: \(agent)"])
        var other = self
        let token: String = try #require(answer["accessToken"].string, "\(answer.text)")
        other.client.token = token
        other.refreshToken = answer["refreshToken"].string ?? ""
        return other
    }

    func refresh() throws -> Answer {
        try Client(base: client.base).post(
            "/api/auth/refresh", json: ["refreshToken": refreshToken])
    }

    func refreshed() throws -> TestUser {
        let answer = try refresh()
        var next = self
        let token: String = try #require(answer["accessToken"].string, "\(answer.text)")
        next.client.token = token
        next.refreshToken = answer["refreshToken"].string ?? ""
        return next
    }

    /// The error code of GET /api/auth/me; nil when it answers 200.
    func refusal() throws -> String? {
        try client.get("/api/auth/me").code
    }

    /// A client with a new API key, and the key's id.
    func key(_ scopes: String..., expiresAt: String? = nil) throws -> (client: Client, id: String) {
        let answer = try client.post(
            "/api/auth/keys",
            json: ["name": "test", "scopes": scopes, "expiresAt": expiresAt ?? NSNull()])
        let key = try #require(answer["key"].string, "\(answer.text)")
        return (Client(base: client.base, token: key), answer["id"].string ?? "")
    }
}

extension Client {
    func post(_ path: String, json: [String: Any], headers: [String] = []) throws -> Answer {
        try send("POST", path, json: json, headers: headers)
    }

    func send(
        _ method: String, _ path: String, json: [String: Any], headers: [String] = []
    ) throws -> Answer {
        let body = try JSONSerialization.data(withJSONObject: json)
        return try send(method, path, bytes: body, headers: headers)
    }

    /// Sends a body of any bytes, which need not be JSON or text.
    func send(
        _ method: String, _ path: String, bytes: Data, headers: [String] = []
    ) throws -> Answer {
        try request(
            method, path, headers: headers, body: Body(Array(bytes), type: "application/json"))
    }
}

/// A photo of 64 x 64 pixels. It is made only once, because scaling a large one takes a while.
enum SmallPhoto {
    private static let bytes = Result {
        let folder = TemporaryFolder()
        return try Data(
            contentsOf: URL(fileURLWithPath: Photos.jpeg(width: 64, height: 64, in: folder)))
    }

    /// - Parameter number: added after the end of the JPEG, so that each number gives a different file.
    static func file(_ number: Int = 0, in folder: TemporaryFolder) throws -> String {
        let file = folder.file("small-\(number).jpg")
        try (bytes.get() + Data("\(number)".utf8)).write(to: URL(fileURLWithPath: file))
        return file
    }
}
