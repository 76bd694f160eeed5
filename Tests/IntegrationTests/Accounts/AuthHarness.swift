import API
import Foundation
import Gateway
import Model
import SQLiteCatalog
import Support
import Testing

@testable import Service
@testable import auth_responder

/// The auth-responder in this process, without a web server. Tests choose the client address and the time.
final class AuthHarness {
    static let accessSecret = String(repeating: "a", count: 32)

    let folder = TemporaryFolder()
    let program: Program
    let catalog: any Catalog
    /// Called whenever an attempt is counted.
    var clock: () -> Timestamp = { .now() }

    init(_ settings: [String: String] = [:]) throws {
        let data = folder.file("data")
        try FileManager.default.createDirectory(
            atPath: data + "/run", withIntermediateDirectories: true)
        try SQLiteCatalog.migrate(path: data + "/catalog.sqlite3", journal: .wal)
        var environment = Stack.environment(.fastcgi, data: data, port: 8080)
        environment["JWT_SECRET"] = Self.accessSecret
        environment["JWT_REFRESH_SECRET"] = String(repeating: "r", count: 32)
        environment["MULTIRES_LINK_SECRET"] = String(repeating: "l", count: 32)
        program = try Program("auth-responder", environment.merging(settings) { $1 })
        catalog = try program.operations().catalog
    }

    func send(
        _ method: String, _ path: String, _ json: [String: Any]? = nil, token: String? = nil,
        from address: String = "192.0.2.1", agent: String? = nil
    ) throws -> (status: Int, json: JSON) {
        let body = try json.map { try JSONSerialization.data(withJSONObject: $0) } ?? Data()
        return try send(method, path, bytes: body, token: token, from: address, agent: agent)
    }

    /// Sends a body of any bytes, which need not be JSON or text.
    func send(
        _ method: String, _ path: String, bytes: Data, token: String? = nil,
        from address: String = "192.0.2.1", agent: String? = nil
    ) throws -> (status: Int, json: JSON) {
        var headers = ["Content-Type": "application/json"]
        if let token { headers["Authorization"] = "Bearer " + token }
        if let agent { headers["User-Agent"] = agent }
        let request = Request(method, path, headers: headers, body: [UInt8](bytes), from: address)
        var responder = try AuthResponder(program)
        responder.clock = { self.clock() }
        let response: Response
        do {
            response = try responder.respond(to: request)
        } catch let problem as Problem {
            response = problem.response(requestID: request.id)
        }
        guard case .bytes(let bytes) = response.body, !bytes.isEmpty else {
            return (response.status, .null)
        }
        return (response.status, try JSONDecoder().decode(JSON.self, from: Data(bytes)))
    }

    func register(_ email: String = "ada@example.org") throws -> JSON {
        let answer = try send(
            "POST", "/api/auth/register", ["email": email, "password": TestUser.password])
        #expect(answer.status == 201, "\(answer.json)")
        return answer.json
    }

    func login(
        _ password: String = TestUser.password, email: String = "ada@example.org",
        device: String? = nil, from address: String = "192.0.2.1", agent: String? = nil
    ) throws -> (status: Int, json: JSON) {
        var body = ["email": email, "password": password]
        body["deviceToken"] = device
        return try send("POST", "/api/auth/login", body, from: address, agent: agent)
    }

    /// Runs `interruption` once, when the next password check has read the stored hash but has not verified
    /// the password yet, as if hashing took that long.
    func whileHashing(_ interruption: @escaping () throws -> Void) {
        var asked = 0
        clock = {
            asked += 1
            // The first call is for the check of the limit, the second for counting the attempt.
            if asked == 2 {
                do {
                    try interruption()
                } catch {
                    Issue.record(error)
                }
            }
            return .now()
        }
    }
}
