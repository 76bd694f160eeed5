import Credentials
import Foundation
import Model
import Support

/// Requests to a responder that runs as a CGI program, so that faults can be injected into the one
/// request's system calls, in a data folder without a service.
struct FaultyRequest {
    private let ground: Ground
    private let key: String

    init(_ ground: Ground, as owner: Identifier<Account>) throws {
        self.ground = ground
        let made = APIKey.make()
        key = made.text
        let row = APIKey(
            id: Identifier(), account: owner, name: "test", scopes: [.upload, .read, .write],
            createdAt: .now(), expiresAt: nil)
        _ = try ground.catalog().accounts.add(row, digest: made.digest, limit: 50, by: nil)
        // So that the request's own commit is the first one.
        try ground.catalog().accounts.use(row.id, at: .now())
    }

    /// - Parameters:
    ///   - token: of a session, for what a key is not enough for.
    ///   - fault: as strace's `inject=`, such as `fdatasync:error=EIO`; nil for none.
    func send(
        _ method: String, _ path: String, body: [UInt8] = [], type: String = "application/json",
        headers: [String: String] = [:], token: String? = nil, fault: String? = nil
    ) throws -> (status: Int, json: JSON) {
        let environment = ground.environment.merging([
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method, "REQUEST_URI": path,
            "CONTENT_TYPE": type, "CONTENT_LENGTH": String(body.count),
            "HTTP_AUTHORIZATION": "Bearer \(token ?? key)",
        ]) { $1 }.merging(headers) { $1 }
        let isAuth = path.hasPrefix("/api/auth/")
        var words = [Programs.path(isAuth ? "auth-responder" : "image-responder")]
        if let fault {
            let call = String(fault.prefix { $0 != ":" })
            words = ["strace"] + Strace.arguments(call, inject: fault) + words
        }
        let output = try Shell.run(
            words[0], Array(words.dropFirst()), environment: environment, input: body)
        let parts = output.text.components(separatedBy: "\r\n\r\n")
        let status = parts[0].firstMatch(of: /Status: ([0-9]+)/).flatMap { Int($0.1) }
        let json = try? JSONDecoder().decode(JSON.self, from: Data((parts.last ?? "").utf8))
        return (status ?? 200, json ?? .null)
    }
}
