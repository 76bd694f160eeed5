import Foundation
import Support
import Testing

/// `multires doctor`: a line per finding, and exit status 1 for a problem.
@Suite struct DoctorTests {
    private func doctor(_ environment: [String: String]) throws -> Shell.Output {
        try Shell.run(Programs.path("multires"), ["doctor"], environment: environment)
    }

    private func expect(
        _ output: Shell.Output, _ status: Int32, _ line: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(
            output.status == status, "\(output.text)\(output.errors)",
            sourceLocation: sourceLocation)
        #expect(
            output.lines.contains { $0.hasPrefix(line) }, "\(output.text)",
            sourceLocation: sourceLocation)
        #expect(
            output.lines.allSatisfy { $0.contains(/^(ok|warning|problem) +[a-zA-Z. -]+: ./) },
            "\(output.text)", sourceLocation: sourceLocation)
    }

    @Test("A service that is well has no problem, and its limits are tried")
    func well() throws {
        let stack = try GatewayStack.stack()
        let output = try doctor(stack.environment)
        expect(output, 0, "ok       upload limit: 4000000 bytes, tried")
        for line in [
            "database", "secrets", "nginx", "image-responder", "JSON limit", "limits told",
        ] {
            expect(output, 0, "ok       \(line): ")
        }
        expect(output, 0, "ok       round trip: through the service")
        let left = try Shell.run(
            Programs.path("multires"), ["users", "list"], environment: stack.environment)
        #expect(!left.text.contains("doctor"), "its account is gone again")
    }

    @Test("What is wrong is named, with what to do")
    func wrong() throws {
        let stack = try Stack(settings: GatewayStack.settings)
        let environment = stack.environment
        let secrets = stack.data + "/secrets.env"
        chmod(secrets, 0o644)
        expect(try doctor(environment), 1, "problem  secrets: \(secrets) may be read by others")
        chmod(secrets, 0o600)

        let socket = stack.data + "/run/image.sock"
        chmod(socket, 0o666)
        expect(try doctor(environment), 1, "problem  image.sock: others may connect")
        chmod(socket, 0o660)

        expect(
            try doctor(environment.merging(["MULTIRES_DISK_RESERVE": "1000000GB"]) { $1 }), 1,
            "problem  disk: ")
        let other = environment.merging(["MULTIRES_REQUEST_LIMIT": "3MB"]) { $1 }
        expect(try doctor(other), 1, "problem  upload limit: ")
        expect(try doctor(other), 1, "problem  limits told: ")
        expect(
            try doctor(other), 1, "warning  nginx: include/errors-text.conf, multires.conf is not")

        let file = stack.data + "/nginx/include/limits.conf"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try Data(text.replacing("size 64k;", with: "size 1m;").utf8)
            .write(to: URL(fileURLWithPath: file))
        try stack.reloadNginx()
        expect(try doctor(environment), 1, "problem  JSON limit: ")
        try Data((text + "}").utf8).write(to: URL(fileURLWithPath: file))
        expect(try doctor(environment), 1, "problem  nginx: nginx refuses its files")
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try stack.reloadNginx()

        // As a crash would leave it, two hours ago; never without any account.
        _ = try stack.account()
        let id = "01890000-0000-7000-8000-0000000000ab"
        let orphan = "\(stack.data)/originals/ab/\(id).jpg"
        _ = try Shell.run("touch", ["-d", "2 hours ago", orphan])
        expect(try doctor(environment), 0, "warning  files: 1 images have files but no row")
        _ = try Shell.run("ln", ["-s", "../../media/ab/\(id)", "\(stack.data)/public/ab/\(id)"])
        expect(try doctor(environment), 0, "warning  public links: 1 differ")
    }

    @Test("Without a service its limits are not tried, and that is said")
    func alone() throws {
        let folder = TemporaryFolder()
        let environment = Stack.environment(
            .fastcgi, data: folder.file("data"), port: try FreePort.next())
        expect(try doctor(environment), 1, "problem  data folder: ")
        #expect(
            try Shell.run(Programs.path("multires"), ["init"], environment: environment).status == 0
        )
        expect(try doctor(environment), 0, "warning  service: nobody answers")
        expect(try doctor(environment), 0, "ok       round trip: by the resizer alone")
        expect(try doctor(environment), 0, "warning  nginx: ")

        let catalog = folder.file("data/catalog.sqlite3")
        let file = try #require(FileHandle(forWritingAtPath: catalog))
        try file.seek(toOffset: 4096)
        try file.write(contentsOf: Data(repeating: 0xAA, count: 8192))
        try file.close()
        expect(try doctor(environment), 1, "problem  database: \(catalog) is damaged")
    }
}
