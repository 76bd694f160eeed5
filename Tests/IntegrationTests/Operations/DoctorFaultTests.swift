import DiskMedia
import Foundation
import Media
import Model
import SQLiteCatalog
import Support
import Testing

/// Doctor reports every fault that a test makes, by name, and no fault in a healthy folder.
@Suite struct DoctorFaultTests {
    private let harness: CommandHarness
    private let owner: Identifier<Account>

    init() throws {
        harness = try CommandHarness()
        owner = try harness.account()
    }

    private func expect(
        _ line: String, _ environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let output = try harness.multires("doctor", environment: environment)
        #expect(
            output.lines.contains { $0.hasPrefix(line) }, output.said,
            sourceLocation: sourceLocation)
        #expect(
            output.status == (output.text.contains("problem  ") ? 1 : 0), output.said,
            sourceLocation: sourceLocation)
    }

    @Test("A healthy data folder has no problem; without a service, only the resizer is tried")
    func clean() throws {
        try harness.image(of: owner)
        try harness.image(of: owner, visibility: .public)
        try harness.image(of: owner, isComplete: false)
        let output = try harness.multires("doctor", "--json")
        #expect(output.status == 0, output.said)
        let report = try JSONDecoder().decode(JSON.self, from: Data(output.bytes))
        #expect(report["healthy"] == .bool(true))
        let grades = Dictionary(
            report["findings"]?.array.map { ($0["subject"]?.string, $0["grade"]?.string) } ?? []
        ) { $1 }
        for subject in [
            "database", "SQLite", "clock", "database log", "files", "public links", "originals",
            "sizes", "dead jobs", "round trip", "folders", "secrets",
        ] {
            #expect(grades[subject] == "ok", "\(subject): \(output.text)")
        }
        #expect(grades["queue"] == "warning", "an image waits, and no worker is running")
        #expect(output.text.contains("by the resizer alone"))
    }

    @Test("A missing or truncated original is reported")
    func originals() throws {
        let images = try (0..<3).map { _ in try harness.image(of: owner) }
        unlink(harness.original(images[1]))
        try expect(
            "problem  originals: 1 image (\(images[1].id)) has a missing or incomplete original")
        truncate(harness.original(images[0]), 3)
        try expect("problem  originals: 2 images (\(images[0].id) is the first)")
    }

    @Test("A complete image that lacks a variant is reported")
    func sizes() throws {
        let image = try harness.image(of: owner)
        unlink(harness.size(image, 1))
        try expect("problem  sizes: 1 image (\(image.id)) has missing sizes")
    }

    @Test("Files without a row, and missing or superfluous public links, are counted")
    func strays() throws {
        let image = try harness.image(of: owner, visibility: .public)
        unlink(harness.media.paths.publicLink(image.id))
        try expect("warning  public links: 1 link differs")
        let closed = try harness.image(of: owner)
        try harness.media.link(closed.id)
        try expect("warning  public links: 2 links differ")
        let stray = "\(harness.folders.media)/ab/01890000-0000-7000-8000-0000000000ab"
        mkdir(stray, 0o750)
        _ = try Shell.run("touch", ["-d", "2 hours ago", stray])
        try expect("warning  files: 1 image has files but no record")
    }

    @Test("A dead job is counted")
    func dead() throws {
        let image = try harness.image(of: owner, isComplete: false)
        let catalog = try harness.catalog(JobRules(attempts: 1))
        let claim = try #require(try catalog.queue.claim(by: "w"))
        try catalog.queue.retryLater(
            claim.lease, because: RenderFailure(code: "x", sentence: "It broke."), at: .now())
        try expect("warning  dead jobs: 1 image failed after")
        let listed = try harness.multires("jobs", "dead")
        #expect(
            listed.text.contains(image.id.text) && listed.text.contains("It broke."), listed.said)
    }

    @Test("Waiting jobs without a worker are a warning")
    func noWorker() throws {
        try harness.image(of: owner, isComplete: false)
        try expect("warning  queue: 1 image waits, 0 are in progress, but no worker is running")
    }

    @Test("A worker that claims no job, and an expired lease, are reported as a stuck queue")
    func stuck() throws {
        let stack = try Stack()
        let workers = stack.freeze("resize-worker")
        defer { stack.thaw(workers) }
        let client = try stack.account()
        let photo = try Photos.jpeg(width: 300, height: 200, in: harness.folder)
        #expect(try client.upload(photo).status == 202)
        let environment = stack.environment.merging(["MULTIRES_PORT": "1"]) { $1 }
        try expect(
            "problem  queue: 1 image waits, 0 are in progress, but the running worker", environment)

        let catalog = try SQLiteCatalog(
            path: stack.data + "/catalog.sqlite3", journal: .wal, role: .worker,
            rules: JobRules(lease: .zero))
        _ = try #require(try catalog.queue.claim(by: "worker-of-nobody"))
        try expect(
            "problem  queue: 0 images wait, 1 is in progress, but the running worker", environment)
    }

    @Test("A write-ahead log that is never checkpointed is a warning")
    func log() throws {
        let log = harness.folders.catalog + "-wal"
        _ = try Shell.check("truncate", ["-s", "70M", log])
        try expect("warning  database log: it has grown to 73400320 bytes")
    }

    @Test("A clock that is behind the newest image is a problem")
    func clock() throws {
        try harness.image(of: owner, at: .now() + .seconds(86400))
        try expect("problem  clock: ")
    }

    @Test(
        "A library with a known flaw is a problem",
        arguments: [
            ("libfcgi", "libfcgi0ldbl", "2.4.2-2"), ("libfcgi", "libfcgi0t64", "2.4.2-2"),
            ("nginx version", "nginx", "1.22.1-9+deb12u1"),
            ("nginx version", "nginx", "1.26.3-3+deb13u10"), ("libvips", "libvips42t64", "8.12"),
        ])
    func versions(_ subject: String, _ package: String, _ version: String) throws {
        // Only the installed version is faked. The real dpkg compares it.
        let bin = try harness.folder.folder("bin")
        let script = """
            #!/bin/sh
            for name; do :; done
            [ "$name" = \(package) ] || exit 1
            echo -n '\(version)'

            """
        try Data(script.utf8)
            .write(to: URL(fileURLWithPath: bin + "/dpkg-query"))
        chmod(bin + "/dpkg-query", 0o755)
        let path = bin + ":" + (harness.environment["PATH"] ?? "")
        try expect("problem  \(subject): \(version) has ", ["PATH": path])
    }

    @Test("Missing or too short secrets are a problem")
    func secrets() throws {
        let file = harness.folders.secrets
        try Data("JWT_SECRET=short\n".utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, 0o600)
        try expect("problem  secrets: ")
        unlink(file)
        try expect("problem  secrets: ")
    }

    @Test("A data folder that others may enter, or that lacks a folder, is reported")
    func folder() throws {
        chmod(harness.folders.root, 0o755)
        try expect("warning  data folder: other users can enter")
        chmod(harness.folders.root, 0o750)
        rmdir(harness.folders.trash)
        try expect("problem  folders: missing or not writable: \(harness.folders.trash)")
    }

    @Test("A journal mode that differs from the setting is a problem")
    func journal() throws {
        try expect("problem  database: ", ["MULTIRES_JOURNAL": "truncate"])
    }

    @Test("A URL that other machines cannot reach, and disabled rate limits, are warnings")
    func settings() throws {
        try expect(
            "warning  address: ",
            ["MULTIRES_LISTEN": "0.0.0.0", "MULTIRES_URL": "http://localhost:8080"])
        try expect("warning  rate limits: off")
    }

    @Test("A resizer that renders nothing is a problem")
    func resizer() throws {
        let bin = try harness.folder.folder("programs")
        _ = try Shell.check("cp", [Programs.path("multires"), bin])
        _ = try Shell.check("ln", ["-s", "/bin/true", bin + "/resizer"])
        let output = try Shell.run(bin + "/multires", ["doctor"], environment: harness.environment)
        #expect(output.lines.contains { $0.hasPrefix("problem  round trip: ") }, output.said)
        #expect(output.status == 1)
    }
}
