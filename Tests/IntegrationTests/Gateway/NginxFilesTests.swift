import Foundation
import Support
import Testing

/// nginx's files, as `multires serve` and as `multires deploy nginx` render them.
@Suite struct NginxFilesTests {
    static let settings: [[String: String]] = [
        [:],
        GatewayStack.settings,
        ["MULTIRES_GATEWAY": "cgi", "MULTIRES_RATE_LIMITS": "off"],
        ["MULTIRES_LISTEN": "::1", "MULTIRES_PORT": "18080"],
    ]

    @Test("nginx -t accepts the files of serve without a warning")
    func serve() throws {
        let stack = try GatewayStack.stack()
        let folder = stack.data + "/nginx"
        let output = try Shell.run(
            "nginx", ["-t", "-q", "-e", "stderr", "-p", folder, "-c", folder + "/serve.conf"],
            environment: ["PATH": path])
        #expect(output.status == 0)
        #expect(output.errors.isEmpty, "\(output.errors)")
    }

    @Test(
        "nginx -t accepts the files of deploy in a distribution's nginx.conf", arguments: settings)
    func deploy(_ settings: [String: String]) throws {
        let folder = TemporaryFolder()
        let environment = Stack.environment(
            .fastcgi, data: folder.file("data"), port: try FreePort.next()
        ).merging(settings) { $1 }
        let main = try deployed(in: folder, environment)
        let output = try Shell.run(
            "nginx", ["-t", "-q", "-e", "stderr", "-c", main], environment: ["PATH": path])
        #expect(output.status == 0)
        #expect(!output.errors.contains("[warn]"), "\(output.errors)")
        for file in TemporaryFolder.files(below: folder.file("site")) {
            let path = folder.file("site/" + file)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(!text.contains(/@[A-Z_]+@/), "\(file) has a placeholder")
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600, "other users can read \(file), which may have secrets")
        }
    }

    @Test(
        "nginx keeps so few connections open that threads stay free for other clients",
        arguments: [2, 3, 8, 32, 256], Stack.Gateway.allCases)
    func kept(threads: Int, gateway: Stack.Gateway) throws {
        let folder = TemporaryFolder()
        let settings = [
            "MULTIRES_IMAGE_THREADS": "\(threads)", "MULTIRES_AUTH_THREADS": "\(threads)",
        ]
        _ = try deployed(
            in: folder,
            Stack.environment(gateway, data: folder.file("data"), port: try FreePort.next())
                .merging(settings) { $1 })
        let text = try String(
            contentsOfFile: folder.file("site/include/responders.conf"), encoding: .utf8)
        let cores = ProcessInfo.processInfo.processorCount
        func all(_ upstream: String) -> Int {
            let block = text.split(separator: "upstream \(upstream) {").last?.prefix { $0 != "}" }
            let each = block?.firstMatch(of: /keepalive ([0-9]+);/).flatMap { Int($0.1) } ?? 0
            return each * cores
        }
        // A quarter of the threads may wait for a status, half of them may hash passwords.
        #expect(all("multires_images_kept") <= threads / 2)
        #expect(all("multires_auth_kept") <= threads / 4)
        if gateway == .cgi { #expect(!text.contains(/keepalive [0-9]/)) }
        if gateway == .fastcgi && threads == 256 { #expect(all("multires_images_kept") > 0) }
    }

    @Test("A distribution's nginx serves everything with the deployed files")
    func deployedServes() throws {
        let stack = try GatewayStack.stack()
        let pictures = try GatewayStack.pictures()
        let folder = TemporaryFolder()
        let port = try FreePort.next()
        let main = try deployed(
            in: folder, stack.environment.merging(["MULTIRES_PORT": "\(port)"]) { $1 })
        let nginx = try Shell.Background(
            "nginx", ["-e", folder.file("error.log"), "-c", main, "-g", "daemon off;"],
            environment: ["PATH": path])
        defer { nginx.stop() }
        func ask(_ method: String, _ target: String, _ headers: [String] = []) throws -> Answer {
            try RawConnection.exchange(
                port, method, target, ["Origin: \(GatewayStack.origin)"] + headers)
        }
        #expect(eventually { (try? ask("GET", "/health").status) == 200 }, "\(nginx.errors)")
        try ask("GET", "/api/limits").expect(200, .json)
        try ask("GET", "/api/auth/health").expect(200, .json)
        try ask("GET", pictures.public.variant).expect(200, .picture(RouteTableTests.publicly))
        try ask("GET", Link(path: pictures.private.original).address)
            .expect(200, .picture(RouteTableTests.privately))
        try ask("POST", "/api/images/upload").expect(401, .problem("missing_token"))
        try ask("GET", "/").expect(200, .page)
        try ask("GET", "/nothing.css").expect(404, .page)
    }

    @Test("The TLS example works, with HTTP/2 and HSTS")
    func tls() throws {
        let stack = try GatewayStack.stack()
        let folder = TemporaryFolder()
        let port = try FreePort.next()
        let main = try deployed(
            in: folder,
            stack.environment.merging(["MULTIRES_PORT": "\(try FreePort.next())"]) { $1 })
        let key = folder.file("key.pem")
        let certificate = folder.file("certificate.pem")
        let made = try Shell.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate,
            ])
        #expect(made.status == 0, "\(made.errors)")
        func edit(_ name: String, to other: String? = nil, _ pairs: [(String, String)]) throws {
            var text = try String(contentsOfFile: folder.file("site/" + name), encoding: .utf8)
            for (old, new) in pairs {
                #expect(text.contains(old), "\(name): \(old)")
                text = text.replacing(old, with: new)
            }
            let target = URL(fileURLWithPath: folder.file("site/" + (other ?? name)))
            try Data(text.utf8).write(to: target)
        }
        try edit(
            "include/tls.example.conf", to: "include/tls.conf",
            [
                ("/etc/letsencrypt/live/www.example.org/fullchain.pem", certificate),
                ("/etc/letsencrypt/live/www.example.org/privkey.pem", key),
                ("listen 443 ssl http2;", "listen 127.0.0.1:\(port) ssl http2;"),
                ("listen [::]:443 ssl http2;", ""),
            ])
        try edit("multires.conf", [("# include \"", "include \"")])
        try edit("include/headers.conf", [("# add_header Strict", "add_header Strict")])
        let nginx = try Shell.Background(
            "nginx", ["-e", folder.file("error.log"), "-c", main, "-g", "daemon off;"],
            environment: ["PATH": path])
        defer { nginx.stop() }
        let client = Client(base: "https://127.0.0.1:\(port)")
        #expect(
            eventually { (try? client.curl("/health", ["-k"]).status) == 200 }, "\(nginx.errors)")
        for target in ["/api/limits", "/media/x", "/", "/nothing.js"] {
            let answer = try client.curl(target, ["-k", "--http2"])
            #expect(answer.values("strict-transport-security") == ["max-age=31536000"], "\(target)")
        }
        let version = try Shell.run(
            "curl", ["-sk", "-o", "/dev/null", "-w", "%{http_version}", client.base + "/health"])
        #expect(version.text == "2")
        let plain = try RawConnection.exchange(port, "GET", "/api/limits")
        #expect(plain.status == 400 && plain.code == "invalid_request")
    }

    @Test("deploy nginx replaces only files that it wrote")
    func othersFiles() throws {
        let harness = try CommandHarness()
        for name in ["multires.conf", "serve.conf", "include/log.conf"] {
            let folder = TemporaryFolder()
            let path = try folder.folder("include").replacing("/include", with: "/") + name
            try Data("# mine".utf8).write(to: URL(fileURLWithPath: path))
            let output = try harness.multires("deploy", "nginx", "--to", folder.path)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "# mine", output.said)
            #expect((output.status == 0) == (name == "serve.conf"), output.said)
            guard output.status != 0 else { continue }
            #expect(output.errors.contains("\(path) was not written by this command"), output.said)
            unlink(path)
            for _ in 0..<2 {
                let again = try harness.multires("deploy", "nginx", "--to", folder.path)
                #expect(again.status == 0, again.said)
            }
        }
    }

    /// Debian's nginx.conf with the files of `multires deploy nginx`, with all paths in the folder.
    private func deployed(
        in folder: TemporaryFolder, _ environment: [String: String]
    ) throws -> String {
        if !FileManager.default.fileExists(atPath: environment["MULTIRES_DATA"] ?? "") {
            let made = try Shell.run(Programs.path("multires"), ["init"], environment: environment)
            #expect(made.status == 0, "\(made.errors)")
        }
        let site = folder.file("site")
        let output = try Shell.run(
            Programs.path("multires"),
            ["deploy", "nginx", "--to", site, "--access-log", folder.file("access.log")],
            environment: environment)
        #expect(output.status == 0, "\(output.errors)")
        #expect(output.text.contains("ln -sf \(site)/multires.conf"))
        #expect(!FileManager.default.fileExists(atPath: site + "/serve.conf"))

        var text = try String(contentsOfFile: "/etc/nginx/nginx.conf", encoding: .utf8)
        let owner = try FileManager.default.attributesOfItem(atPath: site)[.ownerAccountName]
        let user = getuid() == 0 ? "user \(owner as? String ?? "root");" : ""
        text = text.replacing(/\n?user .*;/, with: "\n\(user)")
            .replacing(/\n *pid .*;/, with: "\npid \(folder.file("pid"));")
            .replacing("/etc/nginx/sites-enabled/*", with: site + "/multires.conf")
            .replacing("/var/log/nginx/", with: folder.path + "/")
            .replacing(/\n *include \/etc\/nginx\/conf.d.*/, with: "")
            .replacing(/\n *include \/etc\/nginx\/modules-enabled.*/, with: "")
            // It is relative to the folder of nginx.conf.
            .replacing("include mime.types", with: "include /etc/nginx/mime.types")
        if getuid() != 0 {
            let folders = ["fastcgi", "proxy", "scgi", "uwsgi"]
                .map { "\($0)_temp_path \(folder.file("temporary"));" }.joined(separator: " ")
            text = text.replacing("http {", with: "http { \(folders)")
        }
        let main = folder.file("nginx.conf")
        try Data(text.utf8).write(to: URL(fileURLWithPath: main))
        return main
    }

    /// Debian installs nginx in /usr/sbin, which is not in the PATH of every user.
    private var path: String {
        (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/usr/local/sbin"
    }
}
