import Foundation
import Model
import SQLiteCatalog
import Support
import Testing

/// `multires images import` and `export`.
@Suite struct ImportTests {
    private let folder = TemporaryFolder()
    private let email = "ada@example.org"

    /// Four different photos, two of them in a subfolder.
    private func album() throws -> String {
        let album = try folder.folder("album")
        _ = try folder.folder("album/summer")
        let photos = try Photos.many(4, width: 320, height: 240, in: folder)
        for (index, photo) in photos.enumerated() {
            let place = index < 2 ? album : album + "/summer"
            try FileManager.default.moveItem(atPath: photo, toPath: "\(place)/\(index).jpg")
        }
        return album
    }

    private func images(_ harness: CommandHarness) throws -> [Image] {
        let owner = try #require(
            try harness.catalog().accounts.credentials(email: email)
        ).account.id
        return try harness.catalog().images.list(of: owner, where: ImageFilter(limit: 200))
    }

    @Test("An import adds each image once, lists files that are not images, and can be repeated")
    func imports() throws {
        let harness = try CommandHarness()
        _ = try harness.account(email)
        let album = try album()
        try Data("not a picture".utf8).write(to: URL(fileURLWithPath: album + "/notes.txt"))
        try Data("<svg/>".utf8).write(to: URL(fileURLWithPath: album + "/drawing.jpg"))
        try Data().write(to: URL(fileURLWithPath: album + "/empty.jpg"))
        try Data("hidden".utf8).write(to: URL(fileURLWithPath: album + "/.hidden"))
        _ = try Shell.check("cp", [album + "/0.jpg", album + "/copy.jpg"])
        _ = try Shell.check("ln", ["-s", album + "/0.jpg", album + "/link.jpg"])

        let output = try harness.multires("images", "import", album, "--account", email)
        #expect(output.status == 0, output.said)
        #expect(output.lines.last == "4 imported, 1 already present, 3 not accepted", output.said)
        #expect(output.text.contains("\(album)/empty.jpg: the file is empty"), output.said)
        #expect(output.text.contains("2 hidden files and folders, links"), output.said)
        for name in ["notes.txt", "drawing.jpg"] {
            #expect(output.text.contains("\(album)/\(name): not a JPEG"), output.said)
        }
        let images = try images(harness)
        #expect(images.count == 4)
        #expect(
            Set(images.map(\.originalName)).isSubset(of: [
                "0.jpg", "1.jpg", "2.jpg", "3.jpg", "copy.jpg",
            ]))
        for image in images {
            #expect(FileManager.default.fileExists(atPath: harness.original(image)))
        }
        let again = try harness.multires("images", "import", album, "--account", email)
        #expect(again.lines.last == "0 imported, 5 already present, 3 not accepted", again.said)
    }

    @Test("A file whose name is not UTF-8 is imported, and unreadable files are listed")
    func oldNames() throws {
        let harness = try CommandHarness()
        _ = try harness.account(email)
        let album = try album()
        let paths = ["latin\\xe9.jpg", "esc\\x1b[2J\\n.txt", "cut\\xc3/in.jpg"]
        _ = try Shell.check(
            "bash",
            [
                "-c",
                "cd \(album) && mkdir $'cut\\xc3' && mv 0.jpg $'\(paths[0])' && mv 1.jpg $'\(paths[2])' "
                    + "&& echo text > $'\(paths[1])' && mkdir closed && cp summer/2.jpg closed && chmod 0 closed",
            ])
        defer { chmod(album + "/closed", 0o700) }
        let output = try harness.multires("images", "import", album, "--account", email)
        // Root can read the closed folder.
        let last =
            getuid() == 0
            ? "4 imported, 1 already present, 1 not accepted"
            : "4 imported, 0 already present, 2 not accepted"
        #expect(output.lines.last == last, output.said)
        #expect(getuid() == 0 || output.text.contains("\(album)/closed: cannot be read"))
        #expect(output.text.contains("esc\\u{1b}[2J\\u{a}.txt: not a JPEG"), output.said)
        #expect(!output.text.contains("\u{1B}"))
        #expect(
            Set(try images(harness).map(\.originalName)).isSuperset(of: ["latiné.jpg", "in.jpg"]))
    }

    @Test("Exported names are valid on every system, and none leaves the folder")
    func safeNames() throws {
        let harness = try CommandHarness()
        let owner = try harness.account(email)
        for name in [
            "../\u{301}evil.jpg", ".bashrc", "-rf", "CON.jpg", "a?b.jpg", "end.", "ok.jpg",
        ] {
            try harness.image(of: owner, name: name)
        }
        let target = folder.file("deep/er/out")
        let output = try harness.multires("images", "export", "--account", email, target)
        #expect(output.lines.last == "7 copied, 0 already present", output.said)
        let names = try FileManager.default.contentsOfDirectory(atPath: target)
        #expect(
            Set(names) == [
                "_\u{301}evil.jpg", "_bashrc", "_rf", "_CON.jpg", "a_b.jpg", "end_", "ok.jpg",
            ])
        #expect(TemporaryFolder.files(below: folder.file("deep")).count == 7)
    }

    @Test("A running service renders imported images, and --visibility public makes them public")
    func served() throws {
        let stack = try Stack()
        let email = AccountTests.email()
        let registered = try stack.client.post(
            "/api/auth/register", json: AccountTests.body(email))
        let client = Client(base: stack.client.base, token: registered["accessToken"].string)
        let output = try Shell.run(
            Programs.path("multires"),
            ["images", "import", try album(), "--account", email, "--visibility", "public"],
            environment: stack.environment)
        #expect(output.lines.last == "4 imported, 0 already present, 0 not accepted", output.said)
        for entry in try client.get("/api/images")["images"].array {
            let detail = try client.finished(try #require(entry["id"]?.string))
            #expect(detail["status"].string == "complete")
            let url = try #require(detail["sizes"]["small"]?["url"]?.string)
            #expect(!url.contains("signature"))
            #expect(try eventually { try stack.client.get(url).status == 200 })
        }
    }

    @Test("An import that was killed can be repeated, and each photo is added once")
    func killed() throws {
        let harness = try CommandHarness()
        _ = try harness.account(email)
        let album = try folder.folder("many")
        for photo in try Photos.many(80, width: 100, height: 80, in: folder) {
            try FileManager.default.moveItem(
                atPath: photo, toPath: album + "/" + (photo as NSString).lastPathComponent)
        }
        let catalog = try harness.catalog()
        try harness.kill("images", "import", album, "--account", email) {
            try catalog.images.totals()[.pending]?.images ?? 0 > 10
        }
        let before = try catalog.images.totals()[.pending]?.images ?? 0
        let output = try harness.multires("images", "import", album, "--account", email)
        #expect(
            output.lines.last
                == "\(80 - before) imported, \(before) already present, 0 not accepted",
            output.said)
        #expect(try images(harness).count == 80)
        let usage = try #require(try catalog.accounts.credentials(email: email)).account.usage
        #expect(usage.images == 80)
    }

    @Test("An import reports a used-up quota, and a full queue without a worker")
    func limits() throws {
        let harness = try CommandHarness()
        _ = try harness.account(email)
        let album = try album()
        #expect(try harness.multires("users", "quota", email, "--images", "3").status == 0)
        let output = try harness.multires("images", "import", album, "--account", email)
        #expect(output.status == 1)
        #expect(output.text.contains("3 imported before the error"), output.said)
        #expect(output.errors.contains("quota is used up"), output.said)
        #expect(try harness.multires("users", "quota", email, "--standard").status == 0)
        let full = try harness.multires(
            "images", "import", album, "--account", email,
            environment: ["MULTIRES_ACCOUNT_QUEUE": "2"])
        #expect(full.errors.contains("no worker is running"), full.said)
        let unknown = try harness.multires("images", "import", album, "--account", "b@example.org")
        #expect(unknown.errors.contains("No account has the email \"b@example.org\""))
        #expect(
            try harness.multires("images", "import", "/nowhere", "--account", email).status == 1)
    }

    @Test("Images whose name has the longest possible extension can be exported")
    func longEnding() throws {
        let harness = try CommandHarness()
        let owner = try harness.account(email)
        let name = "x." + String(repeating: "y", count: 240)
        let first = try harness.image(of: owner, bytes: [1], name: name)
        try harness.image(of: owner, bytes: [2], name: name)
        let target = folder.file("out")
        let output = try harness.multires("images", "export", "--account", email, target)
        #expect(output.lines.last == "2 copied, 0 already present", output.said)
        let names = try FileManager.default.contentsOfDirectory(atPath: target)
        #expect(Set(names) == [name, "\(name.prefix(214))-\(first.id).jpg"])
    }

    @Test("An export copies all originals under their names, and a second run copies nothing")
    func exports() throws {
        let harness = try CommandHarness()
        let owner = try harness.account(email)
        let first = try harness.image(of: owner, bytes: [1, 2, 3], name: "Ärger & Co.jpg")
        let second = try harness.image(of: owner, bytes: [4, 5], name: "Ärger & Co.jpg")
        try harness.image(of: owner, bytes: [6], name: "other")
        let target = folder.file("out")
        let output = try harness.multires("images", "export", "--account", email, target)
        #expect(output.lines.last == "3 copied, 0 already present", output.said)
        let names = try FileManager.default.contentsOfDirectory(atPath: target)
        #expect(
            Set(names) == ["Ärger & Co.jpg", "Ärger & Co-\(first.id).jpg", "other"],
            "the newest image keeps the plain name")
        #expect(try Photos.bytes(of: target + "/Ärger & Co.jpg") == [4, 5])
        #expect(try Photos.bytes(of: "\(target)/Ärger & Co-\(first.id).jpg") == [1, 2, 3])
        let again = try harness.multires("images", "export", "--account", email, target)
        #expect(again.lines.last == "0 copied, 3 already present", again.said)
        unlink(harness.original(second))
        #expect(try harness.multires("images", "export", "--account", email, target).status == 1)
    }
}
