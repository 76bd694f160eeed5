import Credentials
import Foundation
import Model
import Support

/// Sends requests to a responder that runs as a CGI program, in a data folder without a service, so that
/// faults can be injected into the system calls of one request.
struct FaultyRequest {
    private let harness: CommandHarness
    private let key: String

    init(_ harness: CommandHarness, as owner: Identifier<Account>) throws {
        self.harness = harness
        let made = APIKey.make()
        key = made.text
        let row = APIKey(
            id: Identifier(), account: owner, name: "test", scopes: [.upload, .read, .write],
            createdAt: .now(), expiresAt: nil)
        _ = try harness.catalog().accounts.add(row, digest: made.digest, limit: 50, by: nil)
        // Records a use of the key, so that the first commit of the request is its own.
        try harness.catalog().accounts.use(row.id, at: .now())
    }

    /// - Parameters:
    ///   - token: an access token, for requests that an API key may not make; nil to send the key.
    ///   - fault: as in strace's `inject=`, such as `fdatasync:error=EIO`; nil for none.
    func send(
        _ method: String, _ path: String, body: [UInt8] = [], type: String = "application/json",
        headers: [String: String] = [:], token: String? = nil, fault: String? = nil
    ) throws -> (status: Int, json: JSON) {
        let environment = harness.environment.merging([
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method, "REQUEST_URI": path,
            "CONTENT_TYPE": type, "CONTENT_LENGTH": String(body.count),
            "HTTP_AUTHORIZATION": "Bearer \(token ?? key)",
        ]) { $1 }.merging(headers) { $1 }
        let isAuth = path.hasPrefix("/api/auth/")
        var message = [Programs.path(isAuth ? "auth-responder" : "image-responder")]
        if let fault {
            let call = String(fault.prefix { $0 != ":" })
            message = ["strace"] + Strace.arguments(call, inject: fault) + message
        }
        let output = try Shell.run(
            message[0], Array(message.dropFirst()), environment: environment, input: body)
        let parts = output.text.components(separatedBy: "\r\n\r\n")
        let status = parts[0].firstMatch(of: /Status: ([0-9]+)/).flatMap { Int($0.1) }
        let json = try? JSONDecoder().decode(JSON.self, from: Data((parts.last ?? "").utf8))
        return (status ?? 200, json ?? .null)
    }
}
