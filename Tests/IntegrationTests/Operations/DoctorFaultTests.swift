import DiskMedia
import Foundation
import Media
import Model
import SQLiteCatalog
import Support
import Testing

/// Every fault that is planted is found, under its name and with what to do; a clean folder has none.
@Suite struct DoctorFaultTests {
    private let ground: Ground
    private let owner: Identifier<Account>

    init() throws {
        ground = try Ground()
        owner = try ground.account()
    }

    private func expect(
        _ line: String, _ environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let output = try ground.multires("doctor", environment: environment)
        #expect(
            output.lines.contains { $0.hasPrefix(line) }, output.said,
            sourceLocation: sourceLocation)
        #expect(
            output.status == (output.text.contains("problem  ") ? 1 : 0), output.said,
            sourceLocation: sourceLocation)
    }

    @Test("A folder with images in every state has no problem, and the resizer alone is tried")
    func clean() throws {
        try ground.image(of: owner)
        try ground.image(of: owner, visibility: .public)
        try ground.image(of: owner, isComplete: false)
        let output = try ground.multires("doctor", "--json")
        #expect(output.status == 0, output.said)
        let report = try JSONDecoder().decode(JSON.self, from: Data(output.bytes))
        #expect(report["healthy"] == .bool(true))
        let grades = Dictionary(
            report["findings"]?.array.map { ($0["subject"]?.string, $0["grade"]?.string) } ?? []
        ) { $1 }
        for subject in [
            "database", "SQLite", "clock", "database log", "files", "public links", "originals",
            "sizes", "given up", "round trip", "folders", "secrets",
        ] {
            #expect(grades[subject] == "ok", "\(subject): \(output.text)")
        }
        #expect(grades["queue"] == "warning", "one image waits and no worker runs")
        #expect(output.text.contains("by the resizer alone"))
    }

    @Test("An original that is gone, or has lost a part, is named")
    func originals() throws {
        let images = try (0..<3).map { _ in try ground.image(of: owner) }
        unlink(ground.original(images[1]))
        try expect("problem  originals: 1 images (\(images[1].id)) lost the original")
        truncate(ground.original(images[0]), 3)
        try expect("problem  originals: 2 images (\(images[0].id) is the first)")
    }

    @Test("A complete image without one of its sizes is named")
    func sizes() throws {
        let image = try ground.image(of: owner)
        unlink(ground.size(image, 1))
        try expect("problem  sizes: 1 images (\(image.id)) lost sizes")
    }

    @Test("Files without a row and links that differ, either way, are counted")
    func strays() throws {
        let image = try ground.image(of: owner, visibility: .public)
        unlink(ground.media.paths.publicLink(image.id))
        try expect("warning  public links: 1 differ")
        let closed = try ground.image(of: owner)
        try ground.media.link(closed.id)
        try expect("warning  public links: 2 differ")
        let stray = "\(ground.folders.media)/ab/01890000-0000-7000-8000-0000000000ab"
        mkdir(stray, 0o750)
        _ = try Shell.run("touch", ["-d", "2 hours ago", stray])
        try expect("warning  files: 1 images have files but no row")
    }

    @Test("An image that was given up is counted")
    func dead() throws {
        let image = try ground.image(of: owner, isComplete: false)
        let catalog = try ground.catalog(JobRules(attempts: 1))
        let claim = try #require(try catalog.queue.claim(by: "w"))
        try catalog.queue.retryLater(
            claim.lease, because: RenderFailure(code: "x", sentence: "It broke."), at: .now())
        try expect("warning  given up: 1 images")
        let listed = try ground.multires("jobs", "dead")
        #expect(
            listed.text.contains(image.id.text) && listed.text.contains("It broke."), listed.said)
    }

    @Test("Work that no worker is there for is a warning")
    func noWorker() throws {
        try ground.image(of: owner, isComplete: false)
        try expect("warning  queue: 1 images wait, 0 are in work, and no worker runs")
    }

    @Test("A worker that takes nothing up, a lease that is over: the queue is stuck")
    func stuck() throws {
        let stack = try Stack()
        let workers = stack.freeze("resize-worker")
        defer { stack.thaw(workers) }
        let client = try stack.account()
        let photo = try Photos.jpeg(width: 300, height: 200, in: ground.folder)
        #expect(try client.upload(photo).status == 202)
        let environment = stack.environment.merging(["MULTIRES_PORT": "1"]) { $1 }
        try expect("problem  queue: 1 images wait, 0 are in work, and the worker", environment)

        let catalog = try SQLiteCatalog(
            path: stack.data + "/catalog.sqlite3", journal: .wal, role: .worker,
            rules: JobRules(lease: .zero))
        _ = try #require(try catalog.queue.claim(by: "worker-of-nobody"))
        try expect("problem  queue: 0 images wait, 1 are in work, and the worker", environment)
    }

    @Test("A log that nobody folds in is a warning")
    func log() throws {
        let log = ground.folders.catalog + "-wal"
        _ = try Shell.check("truncate", ["-s", "70M", log])
        try expect("warning  database log: it has grown to 73400320 bytes")
    }

    @Test("A clock behind the newest image is a problem")
    func clock() throws {
        try ground.image(of: owner, at: .now() + .seconds(86400))
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
        // Only what is installed is faked; comparing is left to the real dpkg.
        let bin = try ground.folder.folder("bin")
        let script = """
            #!/bin/sh
            for name; do :; done
            [ "$name" = \(package) ] || exit 1
            echo -n '\(version)'

            """
        try Data(script.utf8)
            .write(to: URL(fileURLWithPath: bin + "/dpkg-query"))
        chmod(bin + "/dpkg-query", 0o755)
        let path = bin + ":" + (ground.environment["PATH"] ?? "")
        try expect("problem  \(subject): \(version) has ", ["PATH": path])
    }

    @Test("Secrets that are gone, or too short, are a problem")
    func secrets() throws {
        let file = ground.folders.secrets
        try Data("JWT_SECRET=short\n".utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, 0o600)
        try expect("problem  secrets: ")
        unlink(file)
        try expect("problem  secrets: ")
    }

    @Test("A data folder open to others, or with a part missing, is said")
    func folder() throws {
        chmod(ground.folders.root, 0o755)
        try expect("warning  data folder: others may enter")
        chmod(ground.folders.root, 0o750)
        rmdir(ground.folders.trash)
        try expect("problem  folders: \(ground.folders.trash) cannot be written to")
    }

    @Test("A journal mode that is not the setting's is a problem")
    func journal() throws {
        try expect("problem  database: ", ["MULTIRES_JOURNAL": "truncate"])
    }

    @Test("Links that lead nobody here, and limits that are off, are warnings")
    func settings() throws {
        try expect(
            "warning  address: ",
            ["MULTIRES_LISTEN": "0.0.0.0", "MULTIRES_URL": "http://localhost:8080"])
        try expect("warning  rate limits: off")
    }

    @Test("A resizer that makes no sizes is a problem")
    func resizer() throws {
        let bin = try ground.folder.folder("programs")
        _ = try Shell.check("cp", [Programs.path("multires"), bin])
        _ = try Shell.check("ln", ["-s", "/bin/true", bin + "/resizer"])
        let output = try Shell.run(bin + "/multires", ["doctor"], environment: ground.environment)
        #expect(output.lines.contains { $0.hasPrefix("problem  round trip: ") }, output.said)
        #expect(output.status == 1)
    }
}
