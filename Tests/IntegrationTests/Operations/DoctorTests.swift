import Foundation
import Support
import Testing

/// `multires doctor` prints a line for each finding, and exits with 1 if there is a problem.
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

    @Test("A healthy service has no problem, and its limits are tried")
    func well() throws {
        let stack = try GatewayStack.stack()
        let output = try doctor(stack.environment)
        expect(output, 0, "ok       upload limit: 4000000 bytes (tested)")
        for line in [
            "database", "secrets", "nginx", "image-responder", "JSON limit", "limits reported",
        ] {
            expect(output, 0, "ok       \(line): ")
        }
        expect(output, 0, "ok       round trip: uploaded, rendered, served and deleted")
        let left = try Shell.run(
            Programs.path("multires"), ["users", "list"], environment: stack.environment)
        #expect(!left.text.contains("doctor"), "doctor did not delete its account")
    }

    @Test("Each problem is reported by name")
    func wrong() throws {
        let stack = try Stack(settings: GatewayStack.settings)
        let environment = stack.environment
        let secrets = stack.data + "/secrets.env"
        chmod(secrets, 0o644)
        expect(
            try doctor(environment), 1, "problem  secrets: \(secrets) can be read by other users")
        chmod(secrets, 0o600)

        let socket = stack.data + "/run/image.sock"
        chmod(socket, 0o666)
        expect(try doctor(environment), 1, "problem  image.sock: other users can connect")
        chmod(socket, 0o660)

        expect(
            try doctor(environment.merging(["MULTIRES_DISK_RESERVE": "1000000GB"]) { $1 }), 1,
            "problem  disk: ")
        let other = environment.merging(["MULTIRES_REQUEST_LIMIT": "3MB"]) { $1 }
        expect(try doctor(other), 1, "problem  upload limit: ")
        expect(try doctor(other), 1, "problem  limits reported: ")
        expect(
            try doctor(other), 1,
            "warning  nginx: files that do not match the current settings: "
                + "include/errors-text.conf, multires.conf.")

        let file = stack.data + "/nginx/include/limits.conf"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try Data(text.replacing("size 64k;", with: "size 1m;").utf8)
            .write(to: URL(fileURLWithPath: file))
        try stack.reloadNginx()
        expect(try doctor(environment), 1, "problem  JSON limit: ")
        try Data((text + "}").utf8).write(to: URL(fileURLWithPath: file))
        expect(try doctor(environment), 1, "problem  nginx: nginx does not accept its files")
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try stack.reloadNginx()

        // An original without a row, as a crash leaves it, two hours old. A catalog without accounts would be
        // another problem.
        _ = try stack.account()
        let id = "01890000-0000-7000-8000-0000000000ab"
        let orphan = "\(stack.data)/originals/ab/\(id).jpg"
        _ = try Shell.run("touch", ["-d", "2 hours ago", orphan])
        expect(try doctor(environment), 0, "warning  files: 1 image has files but no record")
        _ = try Shell.run("ln", ["-s", "../../media/ab/\(id)", "\(stack.data)/public/ab/\(id)"])
        expect(try doctor(environment), 0, "warning  public links: 1 link differs")
    }

    @Test("Without a service, doctor reports that it did not try the limits")
    func alone() throws {
        let folder = TemporaryFolder()
        let environment = Stack.environment(
            .fastcgi, data: folder.file("data"), port: try FreePort.next())
        expect(try doctor(environment), 1, "problem  data folder: ")
        #expect(
            try Shell.run(Programs.path("multires"), ["init"], environment: environment).status == 0
        )
        expect(try doctor(environment), 0, "warning  service: no service answers")
        expect(try doctor(environment), 0, "ok       round trip: rendered 4 sizes by the resizer")
        expect(try doctor(environment), 0, "warning  nginx: ")
        expect(
            try doctor(environment), 0, "ok       secrets: complete, and only their owner can read")
        let secrets = ["JWT_SECRET": "a", "JWT_REFRESH_SECRET": "r", "MULTIRES_LINK_SECRET": "l"]
            .mapValues { String(repeating: $0, count: 32) }
        expect(
            try doctor(environment.merging(secrets) { $1 }), 0,
            "ok       secrets: complete, all from the settings; ")

        let catalog = folder.file("data/catalog.sqlite3")
        let file = try #require(FileHandle(forWritingAtPath: catalog))
        try file.seek(toOffset: 4096)
        try file.write(contentsOf: Data(repeating: 0xAA, count: 8192))
        try file.close()
        expect(try doctor(environment), 1, "problem  database: \(catalog) is damaged")
    }
}
