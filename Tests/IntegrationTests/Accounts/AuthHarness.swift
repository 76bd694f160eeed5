import API
import Foundation
import Gateway
import Model
import SQLiteCatalog
import Support
import Testing

@testable import Service
@testable import auth_responder

/// The auth-responder in this process: no web server, any address, and time as the test says.
final class AuthHarness {
    static let accessSecret = String(repeating: "a", count: 32)

    let folder = TemporaryFolder()
    let program: Program
    let catalog: any Catalog
    /// Is asked whenever a try is counted.
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

    /// Bytes as they are, which need not be JSON, or text.
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
            "POST", "/api/auth/register", ["email": email, "password": Person.password])
        #expect(answer.status == 201, "\(answer.json)")
        return answer.json
    }

    func login(
        _ password: String = Person.password, email: String = "ada@example.org",
        device: String? = nil, from address: String = "192.0.2.1", agent: String? = nil
    ) throws -> (status: Int, json: JSON) {
        var body = ["email": email, "password": password]
        body["deviceToken"] = device
        return try send("POST", "/api/auth/login", body, from: address, agent: agent)
    }

    /// Does `interruption` once, when the next try of a password has read what it verifies against and
    /// has not verified it yet: as if the hash took that long.
    func whileHashing(_ interruption: @escaping () throws -> Void) {
        var asked = 0
        clock = {
            asked += 1
            // Whether the try waits is asked first, then it is counted.
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
