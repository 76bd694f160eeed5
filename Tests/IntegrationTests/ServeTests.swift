import Foundation
import Processes
import SQLiteCatalog
import Support
import Testing

/// `multires serve` as a single foreground command.
@Suite struct ServeTests {
    @Test("SIGTERM and SIGINT stop all programs within 10 seconds", arguments: [SIGTERM, SIGINT])
    func ending(_ signal: Int32) throws {
        let stack = try Stack()
        let names = ["nginx", "auth-responder", "image-responder", "resize-worker"]
        for name in names { #expect(!stack.pids(name).isEmpty, "\(name)") }
        let started = ContinuousClock.now
        stack.process.send(signal)
        #expect(stack.process.wait() == .exited(0))
        #expect(ContinuousClock.now - started < .seconds(10))
        for name in names + ["resizer"] { #expect(stack.pids(name).isEmpty, "\(name)") }
    }

    @Test("An idle service stops within 2 seconds", arguments: Stack.Gateway.allCases)
    func endingAtOnce(_ gateway: Stack.Gateway) throws {
        let stack = try Stack(gateway)
        // nginx keeps connections to the responders open, and a resizer waits for work.
        #expect(try stack.account().get("/api/images").status == 200)
        let started = ContinuousClock.now
        stack.stop()
        #expect(ContinuousClock.now - started < .seconds(2))
    }

    @Test(
        "An upload that is in progress at SIGTERM is stored and answered",
        arguments: Stack.Gateway.allCases)
    func endingInAnUpload(_ gateway: Stack.Gateway) throws {
        let stack = try Stack(gateway)
        let client = try stack.account()
        let folder = TemporaryFolder()
        let photo = try Photos.bytes(of: Photos.jpeg(width: 90, height: 60, in: folder))
        let upload = try RawConnection.upload(
            to: stack.port, token: client.token, length: photo.count)
        #expect(upload.receives(RawConnection.continueResponse))
        upload.send("", body: Array(photo.prefix(1000)))
        let end = Thread.running { stack.stop() }
        // nginx accepts no new connections.
        #expect(eventually { (try? RawConnection(port: stack.port)) == nil })
        upload.send("", body: Array(photo.dropFirst(1000)))
        #expect(try upload.answer().status == 202)
        try end()
    }

    @Test("With CGI, no process remains after a stop")
    func endingCGI() throws {
        let stack = try Stack(.cgi)
        let wrappers = stack.pids("fcgiwrap")
        #expect(wrappers.count > 2)
        stack.stop()
        #expect(eventually { wrappers.allSatisfy { kill($0, 0) != 0 } })
    }

    @Test(
        "A program that crashes is restarted",
        arguments: ["auth-responder", "image-responder", "resize-worker", "nginx"])
    func restart(_ name: String) throws {
        let stack = try Stacks.shared(.fastcgi, "restart")
        let before = Set(stack.pids(name))
        #expect(!before.isEmpty)
        for pid in before { kill(pid, SIGKILL) }
        let isBack = eventually {
            guard let now = stack.pids(name).first, !before.contains(now) else { return false }
            // While nginx is down there is no response at all.
            return ["/api/auth/health", "/api/health"].allSatisfy {
                (try? stack.client.get($0).status) == 200
            }
        }
        #expect(isBack, "\(stack.logText)")
    }

    @Test("A port that is in use is reported in one sentence")
    func portTaken() throws {
        let stack = try Stacks.shared(.fastcgi)
        let folder = TemporaryFolder()
        let output = try serve(data: folder.file("data"), port: stack.port)
        #expect(output.status == 1)
        #expect(output.errors.contains("Port \(stack.port) on 127.0.0.1 is already in use"))
    }

    @Test("A port that another process releases just after the start is used")
    func portReleased() throws {
        let folder = TemporaryFolder()
        let port = try FreePort.next()
        let listener = try FreePort.listener(on: port)
        Thread {
            // `serve` checks the port after it has taken this lock.
            _ = eventually {
                FileManager.default.fileExists(atPath: folder.file("data/run/serve.lock"))
            }
            // How long the port is still in use, not a wait for something.
            usleep(100_000)
            close(listener)
        }.start()
        let stack = try Stack(in: folder, settings: ["MULTIRES_PORT": String(port)])
        let client = Client(base: "http://127.0.0.1:\(port)")
        #expect(try client.get("/api/health").status == 200, "\(stack.logText)")
    }

    @Test("A data folder that cannot be written is reported in one sentence")
    func unwritable() throws {
        // A file in place of a folder is an error for root too.
        let folder = TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: folder.file("file")))
        let output = try serve(data: folder.file("file/data"), port: FreePort.next())
        #expect(output.status == 1)
        #expect(output.errors.contains("The data folder"))
        #expect(output.errors.contains("cannot be used"))
        let file = try serve(data: folder.file("file"), port: FreePort.next())
        #expect(file.status == 1)
        #expect(file.errors.contains("is a file. Set it to a folder."))
    }

    @Test("A data folder's path may have 80 bytes, and a longer one is reported in one sentence")
    func longPath() throws {
        let folder = TemporaryFolder()
        let above = try folder.folder("data")
        let data = above + "/" + String(repeating: "d", count: 79 - above.utf8.count)
        let output = try serve(data: data + "d", port: FreePort.next())
        #expect(output.status == 1)
        #expect(output.errors.contains("of 80 bytes or less"), "\(output.errors)")
        #expect(!FileManager.default.fileExists(atPath: data + "d"))
        let stack = try Stack(in: folder, settings: ["MULTIRES_DATA": data])
        let photo = try Photos.jpeg(width: 320, height: 240, in: folder)
        #expect(try stack.account().completed(photo)["status"].string == "complete")
        let listeners = try FileManager.default.contentsOfDirectory(atPath: data + "/run/listeners")
        #expect(listeners.count == 1)
    }

    @Test("A missing nginx is reported in one sentence")
    func noNginx() throws {
        let folder = TemporaryFolder()
        let output = try serve(
            data: folder.file("data"), port: FreePort.next(),
            ["MULTIRES_NGINX": folder.file("nowhere/nginx")])
        #expect(output.status == 1)
        #expect(output.errors.contains("nginx is not installed"))
    }

    @Test("An invalid setting is reported in one sentence")
    func badSetting() throws {
        let folder = TemporaryFolder()
        let output = try serve(
            data: folder.file("data"), port: FreePort.next(), ["MULTIRES_IMAGE_LIMIT": "lots"])
        #expect(output.status == 1)
        #expect(output.errors.contains("MULTIRES_IMAGE_LIMIT: \"lots\""))
        #expect(!FileManager.default.fileExists(atPath: folder.file("data")))
    }

    @Test(
        "serve exits with a message that names a setting whose value cannot be used",
        arguments: [
            ("MULTIRES_URL", "https://x/\"y\"", "without a path"),
            ("MULTIRES_URL", "http://host/photos", "Use http://host without a path."),
            ("MULTIRES_URL", "host", "has no scheme. Use https://host."),
            ("MULTIRES_LISTEN", "300.1.1.1", "one address of this machine"),
            ("MULTIRES_LISTEN", "192.0.2.1", "not an address of this machine"),
            ("MULTIRES_LISTEN", "2001:db8::1", "not an address of this machine"),
            ("MULTIRES_LISTEN", "::ffff:127.0.0.1", "Use IPv4 notation"),
            ("MULTIRES_SCRYPT", "ln=17", "ln=17,r=8,p=1"),
            ("MULTIRES_GATEWAY", "proxy", "fastcgi or cgi"),
            ("MULTIRES_HOME", "/nowhere", "no nginx/multires.conf"),
            ("MULTIRES_CORS_ORIGINS", "https://a.example\" 1; } #", "is not an origin"),
            ("MULTIRES_LINK_SECRET", "a$b-and-more-than-thirty-two-characters", "letters, digits"),
        ])
    func unusable(_ name: String, _ value: String, _ hint: String) throws {
        let folder = TemporaryFolder()
        let output = try serve(
            data: folder.file("data"), port: FreePort.next(), [name: value])
        #expect(output.status == 1)
        #expect(output.errors.contains(name) && output.errors.contains(hint), "\(output.errors)")
        #expect(!output.errors.contains("MULTIRES_PORT"), "\(output.errors)")
    }

    @Test("A data folder's name may have spaces and punctuation, except nginx's special characters")
    func dataNames() throws {
        let folder = TemporaryFolder()
        for mark in ["\"", "$x", "\\", "*", "[a]", "?", "\n"] {
            let output = try serve(data: folder.file("da\(mark)ta"), port: FreePort.next())
            #expect(output.status == 1 && output.errors.contains("MULTIRES_DATA"), "\(mark)")
        }
        let stack = try Stack(
            in: folder, settings: ["MULTIRES_DATA": folder.file("it's {a}; %d #1 ünï @X@ data")])
        #expect(try stack.account().get("/api/images").status == 200)
    }

    @Test(
        "The service answers at every address that it listens on; :: means IPv4 and IPv6",
        arguments: [
            ("::", ["127.0.0.1", "[::1]"]), ("0.0.0.0", ["127.0.0.1"]), ("[::1]", ["[::1]"]),
            ("localhost", ["127.0.0.1"]),
        ])
    func listening(_ address: String, _ hosts: [String]) throws {
        let stack = try Stack(settings: ["MULTIRES_LISTEN": address])
        for host in hosts {
            let client = Client(base: "http://\(host):\(stack.port)")
            #expect(try client.get("/api/health").status == 200, "\(host)")
        }
    }

    @Test("serve exits when nginx rejects its configuration, and when a program always fails")
    func hopeless() throws {
        let folder = TemporaryFolder()
        let home = try folder.folder("home")
        // Not with FileManager, which copies the group too and fails for users who may not.
        for name in ["nginx", "www"] {
            let copied = try Shell.run("cp", ["-R", "\(Programs.projectFolder)/\(name)", home])
            try #require(copied.status == 0, "\(copied.said)")
        }
        let file = home + "/nginx/include/log.conf"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try Data((text + "\nno_such_word on;\n").utf8).write(to: URL(fileURLWithPath: file))
        let refused = try serve(
            data: folder.file("data"), port: FreePort.next(), ["MULTIRES_HOME": home])
        #expect(refused.status == 1)
        #expect(refused.errors.contains("unknown directive \"no_such_word\""), "\(refused.errors)")

        // An nginx that accepts its configuration and then fails to start.
        let nginx = folder.file("nginx")
        try Data("#!/bin/sh\n[ \"$1\" = -t ] && exit 0\necho broken >&2\nexit 1\n".utf8)
            .write(to: URL(fileURLWithPath: nginx))
        chmod(nginx, 0o755)
        let failing = try serve(
            data: folder.file("data"), port: FreePort.next(), ["MULTIRES_NGINX": nginx])
        #expect(failing.status == 1)
        #expect(failing.errors.contains("nginx exited immediately, 5 times"), "\(failing.errors)")
    }

    @Test("Two serve commands never use the same data folder")
    func twice() throws {
        let stack = try Stacks.shared(.fastcgi)
        let output = try serve(data: stack.data, port: FreePort.next())
        #expect(output.status == 1)
        #expect(output.errors.contains("is already served"))
    }

    @Test("Every setting is listed with its default and a reason, and .env is read")
    func config() throws {
        let folder = TemporaryFolder()
        try Data("MULTIRES_PORT=9123\n".utf8).write(to: URL(fileURLWithPath: folder.file(".env")))
        let output = try Shell.run(Programs.path("multires"), ["config"], folder: folder.path)
        #expect(output.status == 0)
        #expect(output.lines.contains("MULTIRES_PORT=9123  (default 8080)"))
        let settings = output.lines.filter { !$0.hasPrefix(" ") }
        let reasons = output.lines.filter { $0.hasPrefix("    ") }
        #expect(settings.count > 25)
        #expect(reasons.count == settings.count)
        #expect(settings.contains { $0.hasPrefix("JWT_ACCESS_EXPIRE=15m") })
        // The defaults that tests replace with shorter times.
        for name in [
            "MULTIRES_RESIZER_IDLE=30s", "MULTIRES_RESIZER_PRIORITY=idle",
            "MULTIRES_RENDER_STALL=30s", "MULTIRES_RENDER_SECONDS=20",
            "MULTIRES_LEASE=60s", "MULTIRES_REFRESH_GRACE=10s", "MULTIRES_HASH_PATIENCE=8s",
            "MULTIRES_SLOW_RENDER=2s",
        ] {
            #expect(settings.contains { $0.hasPrefix(name) }, "\(name)")
        }
        // Settings that only one program reads are listed too, secrets without their values.
        for name in [
            "MULTIRES_GATEWAY=fastcgi", "MULTIRES_NGINX=", "MULTIRES_HOME=", "MULTIRES_SETTINGS=",
            "MULTIRES_SUPERVISED=", "JWT_SECRET=", "JWT_REFRESH_SECRET=", "MULTIRES_LINK_SECRET=",
        ] {
            #expect(settings.contains { $0 == name || $0.hasPrefix(name + " ") }, "\(name)")
        }
    }

    @Test("A backup of the running service is complete, and does not replace a file")
    func backup() throws {
        let stack = try Stacks.shared(.fastcgi)
        _ = try stack.account()
        let folder = TemporaryFolder()
        for status: Int32 in [0, 1] {
            let output = try Shell.run(
                Programs.path("multires"), ["backup", folder.file("copy.sqlite3")],
                environment: stack.environment)
            #expect(output.status == status, "\(output.errors)")
        }
        let copy = try SQLiteCatalog(
            path: folder.file("copy.sqlite3"), journal: .truncate, role: .worker)
        try copy.quickCheck()
    }

    private func serve(
        data: String, port: Int, _ settings: [String: String] = [:]
    ) throws -> Shell.Output {
        try Shell.run(
            "timeout", ["30", Programs.path("multires"), "serve"],
            environment: Stack.environment(.fastcgi, data: data, port: port)
                .merging(settings) { $1 })
    }
}
