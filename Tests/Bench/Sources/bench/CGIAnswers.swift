import Foundation
import Processes
import Support

/// A status answer as plain CGI, a process per request: the program alone against its own start, and
/// the whole way through Apache, as `multires deploy shared-hosting` sets it up.
enum CGIAnswers {
    private static let count = 50

    static func run(in folder: TemporaryFolder) throws {
        let host = try RentedHost(in: folder)
        defer { host.stop() }
        let client = try host.account()
        let photo = try Photos.jpeg(width: 640, height: 480, in: folder)
        guard let image = try client.upload(photo)["imageId"].string else {
            throw NotUp(description: "upload over Apache")
        }
        let path = "/api/images/\(image)/status"
        _ = try client.get(path + "?wait=20")

        var request = host.environment
        request["GATEWAY_INTERFACE"] = "CGI/1.1"
        request["REQUEST_METHOD"] = "GET"
        request["REQUEST_URI"] = path
        request["HTTP_AUTHORIZATION"] = "Bearer \(client.token ?? "")"
        let said = try Shell.run(Programs.path("image-responder"), [], environment: request)
        guard said.text.hasPrefix("Status: 200") else { throw NotUp(description: said.text) }
        let answering = try times { try start(request) }
        // With neither a socket nor a request it reads its settings, finds nothing to do, and ends.
        let nothing = try times { try start(host.environment) }
        try Report.add(
            Row(
                "CGI: a status answer", unit: "ms", answering, "the program doing nothing", nothing,
                goal: .atMost(3)))

        let apache = try times {
            let answer = try client.request(path, ["-w", "%{time_total}"])
            guard answer.status == 200 else { throw NotUp(description: answer.text) }
        }
        let curl = Figures(try times { _ = try client.get("/health") }).median
        try Report.add(
            Row(
                "CGI: a status answer by Apache, curl's start taken off", unit: "ms",
                apache.map { $0 - curl }, "the promise", [60], goal: .atMost(1)))
    }

    private static func start(_ environment: [String: String]) throws {
        let nowhere = try FileDescriptor(opening: "/dev/null", O_RDWR)
        let program = try ChildProcess(
            Programs.path("image-responder"), environment: environment,
            descriptors: [0: nowhere.number, 1: nowhere.number, 2: nowhere.number])
        program.wait()
    }

    /// In milliseconds.
    private static func times(_ body: () throws -> Void) throws -> [Double] {
        try (0..<count).map { _ in
            let begun = Date()
            try body()
            return Date().timeIntervalSince(begun) * 1000
        }
    }
}

/// Apache with a site of its own, everything as one ordinary user.
private final class RentedHost {
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
        // Apache refuses to serve as root; on a real host nobody is.
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
        guard deployed.status == 0 else { throw NotUp(description: deployed.errors) }
        let command = user + ["apache2", "-f", home + "/httpd.conf", "-X"]
        apache = try ChildProcess("env", command, environment: environment)
        let client = client
        guard eventually({ (try? client.get("/api/health").status) == 200 }) else {
            throw NotUp(description: "Apache; see \(home)/error.log")
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
