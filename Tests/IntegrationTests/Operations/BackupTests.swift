import Credentials
import Foundation
import Model
import Processes
import SQLiteCatalog
import Support
import Testing

/// `multires backup` into a folder, and `multires restore`.
@Suite struct BackupTests {
    private let folder = TemporaryFolder()
    private var backup: String { folder.file("backup") }

    private func originals(in backup: String) -> [String] {
        TemporaryFolder.files(below: backup + "/originals")
    }

    @Test(
        "A backup taken under load restores every image elsewhere, with its original and variants",
        arguments: [["--originals-only"], []])
    func underLoad(_ options: [String]) throws {
        let stack = try Stack()
        let email = AccountTests.email()
        _ = try stack.client.post("/api/auth/register", json: AccountTests.body(email))
        let client = try signedIn(stack, email)
        let photos = try Photos.many(12, width: 640, height: 480, in: folder)
        var images: [String: String] = [:]
        for photo in photos[..<4] { images[try upload(photo, client)] = photo }

        // Images are added and deleted while the backup runs.
        let running = Thread.running {
            try Shell.run(
                Programs.path("multires"), ["backup", self.backup] + options,
                environment: stack.environment)
        }
        for (index, photo) in photos[4...].enumerated() {
            let image = try upload(photo, client)
            if index % 4 == 0 { _ = try client.delete("/api/images/\(image)") }
        }
        let first = try running()
        #expect(first.status == 0, first.said)

        let check = try Shell.run(
            Programs.path("multires"), ["restore", backup, "--check"],
            environment: stack.environment)
        #expect(check.status == 0, check.said)
        #expect(check.text.contains("every original is intact"))
        stack.stop()

        let elsewhere = TemporaryFolder()
        let restored = try Shell.run(
            Programs.path("multires"), ["restore", backup],
            environment: Stack.environment(
                .fastcgi, data: elsewhere.file("data"), port: try FreePort.next()))
        #expect(restored.status == 0, restored.said)
        let again = try Stack(in: elsewhere)
        let there = try signedIn(again, email)
        // All images from before the backup exist. Of those added meanwhile, only complete ones may exist.
        let listed = try there.get("/api/images?limit=200")["images"].array.compactMap {
            $0["id"]?.string
        }
        #expect(Set(images.keys).isSubset(of: Set(listed)))
        for image in listed {
            let detail = try there.finished(image)
            #expect(detail["status"].string == "complete", "\(detail.text)")
            let sizes = try #require(detail["sizes"]["thumbnail"])
            #expect(try there.get(try #require(sizes["url"]?.string)).status == 200)
            guard let photo = images[image] else { continue }
            let original = try #require(detail["sizes"]["original"]?["url"]?.string)
            #expect(try there.get(original).body == Photos.bytes(of: photo))
        }
        let doctor = try Shell.run(
            Programs.path("multires"), ["doctor"], environment: again.environment)
        #expect(doctor.status == 0, doctor.said)
    }

    private func signedIn(_ stack: Stack, _ email: String) throws -> Client {
        let answer = try stack.client.post("/api/auth/login", json: AccountTests.body(email))
        let token: String = try #require(answer["accessToken"].string)
        return Client(base: stack.client.base, token: token)
    }

    private func upload(_ photo: String, _ client: Client) throws -> String {
        let answer = try client.upload(photo)
        return try #require(answer["imageId"].string, "\(answer.text)")
    }

    @Test("A second backup into a folder copies only new files, and --prune removes deleted ones")
    func incremental() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        let first = try (0..<3).map { _ in try harness.image(of: owner) }
        var output = try harness.multires("backup", backup)
        #expect(output.text.hasPrefix("3 images in \(backup): 9 files copied"), output.said)
        try harness.image(of: owner)
        output = try harness.multires("backup", backup, "--originals-only")
        #expect(output.text.hasPrefix("4 images in \(backup): 1 file copied"), output.said)
        output = try harness.multires("backup", backup)
        #expect(output.text.hasPrefix("4 images in \(backup): 2 files copied"), output.said)

        let catalog = try harness.catalog()
        _ = try catalog.images.beginDeletion(of: first[0].id, owner: owner, at: .now())
        _ = try harness.media.remove(first[0].id)
        try catalog.images.finishDeletion(of: first[0].id)
        output = try harness.multires("backup", backup)
        #expect(output.text.hasPrefix("3 images in \(backup): 0 files copied"), output.said)
        #expect(originals(in: backup).count == 4, "deleted images stay until --prune")
        output = try harness.multires("backup", backup, "--prune")
        #expect(output.text.contains("removed from the backup: 1 deleted image"), output.said)
        #expect(originals(in: backup).count == 3)
        #expect(try harness.multires("restore", backup, "--check").status == 0)
    }

    @Test("Only its owner can read a backup, and no temporary file remains in it")
    func tidy() throws {
        let harness = try CommandHarness()
        try harness.image(of: try harness.account())
        #expect(try harness.multires("backup", backup).status == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: backup)[.posixPermissions]
        #expect(mode as? Int == 0o700)
        let names = try FileManager.default.contentsOfDirectory(atPath: backup)
        #expect(Set(names) == ["catalog.sqlite3", "originals", "media", "lock"])
        #expect(try harness.multires("backup", harness.folders.root + "/copy").status == 1)
    }

    @Test("A backup that is killed leaves the previous one intact, and the next run completes it")
    func killed() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        for _ in 0..<5 { try harness.image(of: owner) }
        #expect(try harness.multires("backup", backup).status == 0)
        for _ in 0..<80 { try harness.image(of: owner, isComplete: false) }
        try harness.kill("backup", backup) { originals(in: backup).count > 10 }
        var check = try harness.multires("restore", backup, "--check")
        #expect(check.text.contains("5 images, every original"), check.said)
        #expect(try harness.multires("backup", backup).status == 0)
        check = try harness.multires("restore", backup, "--check")
        #expect(check.text.contains("85 images, every original"), check.said)
    }

    @Test("An image that is deleted during a backup is neither reported missing nor backed up")
    func deletedMeanwhile() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        let images = try (0..<60).map { _ in try harness.image(of: owner, isComplete: false) }
        let process = try harness.begin(["backup", backup], output: folder.file("output"))
        #expect(eventually { !originals(in: backup).isEmpty || process.hasEnded })
        process.send(SIGSTOP)  // The process is strace: the command then stops at its next sync.
        let last = try #require(images.last)
        #expect(!originals(in: backup).contains { $0.contains(last.id.text) }, "stopped too late")
        let catalog = try harness.catalog()
        _ = try catalog.images.beginDeletion(of: last.id, owner: owner, at: .now())
        _ = try harness.media.remove(last.id)
        try catalog.images.finishDeletion(of: last.id)
        process.send(SIGCONT)
        #expect(process.wait() == .exited(0))
        let said = try String(contentsOfFile: folder.file("output"), encoding: .utf8)
        #expect(said.contains("1 image was deleted during the backup"), "\(said)")
        let check = try harness.multires("restore", backup, "--check")
        #expect(check.text.contains("59 images, every original"), check.said)
    }

    @Test("A backup includes the preset file")
    func presets() throws {
        let harness = try CommandHarness()
        let preset = #"{"sizes": [{"name": "thumbnail", "width": 99, "height": 99}]}"#
        try Data(preset.utf8).write(to: URL(fileURLWithPath: harness.folders.presets))
        #expect(try harness.multires("backup", backup).status == 0)
        let elsewhere = TemporaryFolder()
        let data = ["MULTIRES_DATA": elsewhere.file("data")]
        #expect(try harness.multires("restore", backup, environment: data).status == 0)
        let shown = try harness.multires("presets", "show", environment: data)
        #expect(shown.text.contains("\"width\": 99"), shown.said)
    }

    @Test("restore --check finds damaged and missing originals, backup --verify copies them again")
    func damaged() throws {
        let harness = try CommandHarness()
        let owner = try harness.account()
        let images = try (0..<3).map { _ in try harness.image(of: owner) }
        #expect(try harness.multires("backup", backup).status == 0)
        let files = originals(in: backup).map { "\(backup)/originals/\($0)" }
        let length = try Photos.bytes(of: files[0]).count
        _ = try Photos.write([UInt8](repeating: 0, count: length), to: files[0])
        unlink(files[1])
        let check = try harness.multires("restore", backup, "--check")
        #expect(check.status == 1)
        #expect(check.text.contains("damaged original of image "), check.said)
        #expect(check.text.contains("missing original of image "), check.said)
        #expect(check.errors.contains("originals: 2 of 3"), check.said)
        let elsewhere = TemporaryFolder()
        let restored = try harness.multires(
            "restore", backup, environment: ["MULTIRES_DATA": elsewhere.file("data")])
        #expect(restored.status == 1, "missing originals are an error")
        #expect(restored.errors.contains("2 originals"), restored.said)

        #expect(try harness.multires("backup", backup, "--verify").status == 0)
        #expect(try harness.multires("restore", backup, "--check").status == 0)
        _ = images
    }

}
