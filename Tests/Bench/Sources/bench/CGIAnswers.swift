import Foundation
import Processes
import Support

/// A status response with plain CGI, one process per request: the program alone, compared with its own
/// start, and the whole request through Apache, as `multires deploy shared-hosting` configures it.
enum CGIAnswers {
    private static let count = 50

    static func run(in folder: TemporaryFolder) throws {
        let host = try SharedHost(in: folder)
        defer { host.stop() }
        let client = try host.account()
        let photo = try Photos.jpeg(width: 640, height: 480, in: folder)
        guard let image = try client.upload(photo)["imageId"].string else {
            throw NotRunning(description: "upload over Apache")
        }
        let path = "/api/images/\(image)/status"
        _ = try client.get(path + "?wait=20")

        var request = host.environment
        request["GATEWAY_INTERFACE"] = "CGI/1.1"
        request["REQUEST_METHOD"] = "GET"
        request["REQUEST_URI"] = path
        request["HTTP_AUTHORIZATION"] = "Bearer \(client.token ?? "")"
        let output = try Shell.run(Programs.path("image-responder"), [], environment: request)
        guard output.text.hasPrefix("Status: 200") else {
            throw NotRunning(description: output.text)
        }
        // With neither a socket nor a request, it reads its settings, prints an error and exits with 1.
        let (answering, nothing) = try inTurn(
            count, { try milliseconds(request, ending: 0) },
            { try milliseconds(host.environment, ending: 1) })
        try Report.add(
            Row(
                "CGI: a status response", unit: "ms", answering, "the program doing nothing",
                nothing, goal: .atMost(3)))
        let apache = try (0..<count).map { _ in try client.milliseconds(of: path) }
        try Report.add(
            Row(
                "CGI: a status response through Apache", unit: "ms", apache, "the goal", [60],
                goal: .atMost(1)))
    }

    /// Milliseconds from the start of the program to its exit.
    private static func milliseconds(
        _ environment: [String: String], ending code: Int32
    ) throws -> Double {
        let nowhere = try FileDescriptor(opening: "/dev/null", O_RDWR)
        let begun = Date()
        let program = try ChildProcess(
            Programs.path("image-responder"), environment: environment,
            descriptors: [0: nowhere.number, 1: nowhere.number, 2: nowhere.number])
        let end = program.wait()
        let time = Date().timeIntervalSince(begun) * 1000
        guard end == .exited(code) else { throw NotRunning(description: "image-responder: \(end)") }
        return time
    }
}

extension Client {
    /// Milliseconds as curl measures them, on a new connection. The start of curl does not count.
    fileprivate func milliseconds(of path: String) throws -> Double {
        let answer = try Shell.check(
            "curl",
            [
                "-sS", "-o", "/dev/null", "-w", "%{http_code} %{time_total}",
                "-H", "Authorization: Bearer \(token ?? "")", base + path,
            ]
        ).text.split(separator: " ")
        guard answer.first == "200", let seconds = answer.last.flatMap({ Double($0) }) else {
            throw NotRunning(description: "\(path) over Apache: \(answer)")
        }
        return seconds * 1000
    }
}

/// Apache with one site; everything runs as one ordinary user.
private final class SharedHost {
    let environment: [String: String]
    private let client: Client
    private let apache: ChildProcess
    private static let modules = [
        "mpm_prefork", "authz_core", "rewrite", "headers", "setenvif", "mime", "dir", "cgi",
    ]

    init(in folder: TemporaryFolder) throws {
        let home = try folder.folder("host")
        let port = try FreePort.next()
        client = Client(base: "http://127.0.0.1:\(port)")
        environment = [
            "PATH": "/usr/bin:/bin:/usr/sbin", "MULTIRES_HOME": Programs.projectFolder,
            "MULTIRES_SETTINGS": home + "/data/.env",
        ]
        let modules = Self.modules.map {
            "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so"
        }
        let configuration =
            """
            ServerName localhost
            Listen 127.0.0.1:\(port)
            PidFile \(home)/pid
            ErrorLog \(home)/error.log
            Mutex file:\(home) default
            \(modules.joined(separator: "\n"))
            TypesConfig /etc/mime.types
            DocumentRoot \(home)/site
            <Directory \(home)/site>
                AllowOverride All
                Options SymLinksIfOwnerMatch
                Require all granted
            </Directory>

            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: home + "/httpd.conf"))
        for path in [home + "/site", home + "/data"] { try Self.makeFolder(path) }
        // Apache refuses to serve as root; on shared hosting, users are never root.
        var user: [String] = []
        if geteuid() == 0 {
            user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            _ = try Shell.run("chmod", ["755", folder.path, home])
            _ = try Shell.run("chown", ["-R", "65534:65534", home])
        }
        let deploy =
            user + [
                Programs.path("multires"), "deploy", "shared-hosting", home + "/site", "--data",
                home + "/data", "--url", client.base,
            ]
        let deployed = try Shell.run(
            "env", ["MULTIRES_HOME=\(Programs.projectFolder)"] + deploy)
        guard deployed.status == 0 else { throw NotRunning(description: deployed.errors) }
        let command = user + ["apache2", "-f", home + "/httpd.conf", "-X"]
        apache = try ChildProcess("env", command, environment: environment)
        let client = client
        guard eventually({ (try? client.get("/api/health").status) == 200 }) else {
            throw NotRunning(description: "Apache; see \(home)/error.log")
        }
    }

    func account() throws -> Client {
        let answer = try client.post(
            "/api/auth/register",
            json: #"{"email": "bench@example.org", "password": "correct horse battery"}"#)
        return Client(base: client.base, token: answer["accessToken"].string)
    }

    func stop() {
        apache.sendToGroup(SIGTERM)
        apache.wait()
    }

    private static func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }
}
