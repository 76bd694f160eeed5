import Foundation
import Processes
import Support

/// A service written with Hummingbird 2 and GRDB behind a plain nginx, which writes Multires' access log
/// line for each request and keeps its connections to the service open.
final class HummingbirdStatus {
    let nginx: PlainNginx
    /// The access token of the account that owns the image whose status is at `path`.
    private(set) var token = ""
    private(set) var path = ""
    private let service: ChildProcess
    private let log: String

    /// Throws `NotRunning` unless it answers that status, and refuses a wrong token.
    init(in folder: TemporaryFolder = TemporaryFolder()) throws {
        let socket = folder.file("hummingbird.sock")
        nginx = try PlainNginx(
            server: """
                set $multires_media_id "";
                access_log access.log multires buffer=64k flush=1s;
                location / {
                    proxy_pass http://hummingbird;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                }
                """,
            http: """
                include \(Programs.projectFolder)/nginx/include/log.conf;
                upstream hummingbird { server unix:\(socket); keepalive 64; }
                """, in: folder)
        log = folder.file("log")
        let readyFile = folder.file("ready.json")
        let output = try FileDescriptor(opening: readyFile, O_WRONLY | O_CREAT)
        let errors = try FileDescriptor(opening: log, O_WRONLY | O_CREAT | O_APPEND)
        service = try ChildProcess(
            Baseline.path("hummingbird-status"), [folder.path], environment: [:],
            descriptors: [1: output.number, 2: errors.number])

        _ = eventually { service.hasEnded || FileManager.default.fileExists(atPath: socket) }
        let ready = try? JSONDecoder().decode(JSON.self, from: Data(Self.text(of: readyFile).utf8))
        guard let token = ready?["token"]?.string, let image = ready?["image"]?.string else {
            throw NotRunning(description: "hummingbird-status: \(Self.text(of: log))")
        }
        self.token = token
        path = "/api/images/\(image)/status"
        try check()
    }

    private func check() throws {
        let answer = try Client(base: nginx.base, token: token).get(path)
        let members: Set = ["id", "status", "errorMessage", "errorCode", "attempts", "variants"]
        let sizes = answer["variants"]
        guard answer.status == 200, answer.json.names == members,
            answer["status"] == .string("complete"),
            sizes.names == ["thumbnail", "small", "medium", "large"],
            sizes.names.allSatisfy({ sizes[$0] == .string("complete") })
        else {
            throw NotRunning(description: "hummingbird-status: \(answer.status) \(answer.text)")
        }
        for wrong in [nil, "x.y.z", token.dropLast(2) + "AA"] {
            let status = try Client(base: nginx.base, token: wrong).get(path).status
            guard status == 401 else {
                throw NotRunning(description: "hummingbird-status to a wrong token: \(status)")
            }
        }
        guard Self.text(of: log).contains("GET \(path) 200") else {
            throw NotRunning(description: "hummingbird-status logs nothing")
        }
    }

    private static func text(of path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }

    func stop() {
        nginx.stop()
        service.send(SIGTERM)
        service.wait()
    }

    deinit { stop() }
}
