import Foundation
import Model
import SQLiteCatalog
import Support
import Testing

/// `multires images import` and `export`.
@Suite struct ImportTests {
    private let folder = TemporaryFolder()
    private let email = "ada@example.org"

    /// Four different photos, two of them in a folder below.
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

    private func images(_ ground: Ground) throws -> [Image] {
        let owner = try #require(try ground.catalog().accounts.credentials(email: email)).account.id
        return try ground.catalog().images.list(of: owner, where: ImageFilter(limit: 200))
    }

    @Test("Every picture comes in once, what is none is listed, and a second run finds all there")
    func imports() throws {
        let ground = try Ground()
        _ = try ground.account(email)
        let album = try album()
        try Data("not a picture".utf8).write(to: URL(fileURLWithPath: album + "/notes.txt"))
        try Data("<svg/>".utf8).write(to: URL(fileURLWithPath: album + "/drawing.jpg"))
        try Data("hidden".utf8).write(to: URL(fileURLWithPath: album + "/.hidden"))
        _ = try Shell.check("cp", [album + "/0.jpg", album + "/copy.jpg"])
        _ = try Shell.check("ln", ["-s", album + "/0.jpg", album + "/link.jpg"])

        let output = try ground.multires("images", "import", album, "--account", email)
        #expect(output.status == 0, output.said)
        #expect(output.lines.last == "4 imported, 1 were there already, 2 not taken", output.said)
        #expect(output.text.contains("2 hidden files and folders, links"), output.said)
        for name in ["notes.txt", "drawing.jpg"] {
            #expect(output.text.contains("\(album)/\(name): no JPEG"), output.said)
        }
        let images = try images(ground)
        #expect(images.count == 4)
        #expect(
            Set(images.map(\.originalName)).isSubset(of: [
                "0.jpg", "1.jpg", "2.jpg", "3.jpg", "copy.jpg",
            ]))
        for image in images {
            #expect(FileManager.default.fileExists(atPath: ground.original(image)))
        }
        let again = try ground.multires("images", "import", album, "--account", email)
        #expect(again.lines.last == "0 imported, 5 were there already, 2 not taken", again.said)
    }

    @Test("A name that is not UTF-8 is taken, and what cannot be read is named")
    func oldNames() throws {
        let ground = try Ground()
        _ = try ground.account(email)
        let album = try album()
        let paths = ["latin\\xe9.jpg", "esc\\x1b[2J\\n.txt", "cut\\xc3/in.jpg"]
        _ = try Shell.check(
            "bash",
            [
                "-c",
                "cd \(album) && mkdir $'cut\\xc3' && mv 0.jpg $'\(paths[0])' && mv 1.jpg $'\(paths[2])' "
                    + "&& touch $'\(paths[1])' && mkdir closed && cp summer/2.jpg closed && chmod 0 closed",
            ])
        defer { chmod(album + "/closed", 0o700) }
        let output = try ground.multires("images", "import", album, "--account", email)
        // Root reads what is closed.
        let last =
            getuid() == 0
            ? "4 imported, 1 were there already, 1 not taken"
            : "4 imported, 0 were there already, 2 not taken"
        #expect(output.lines.last == last, output.said)
        #expect(getuid() == 0 || output.text.contains("\(album)/closed: it cannot be read"))
        #expect(output.text.contains("esc\\u{1b}[2J\\u{a}.txt: no JPEG"), output.said)
        #expect(!output.text.contains("\u{1B}"))
        #expect(
            Set(try images(ground).map(\.originalName)).isSuperset(of: ["latiné.jpg", "in.jpg"]))
    }

    @Test("Names go out as every system may have them, and none leaves the folder")
    func safeNames() throws {
        let ground = try Ground()
        let owner = try ground.account(email)
        for name in [
            "../\u{301}evil.jpg", ".bashrc", "-rf", "CON.jpg", "a?b.jpg", "end.", "ok.jpg",
        ] {
            try ground.image(of: owner, name: name)
        }
        let target = folder.file("deep/er/out")
        let output = try ground.multires("images", "export", "--account", email, target)
        #expect(output.lines.last == "7 copied, 0 were there already", output.said)
        let names = try FileManager.default.contentsOfDirectory(atPath: target)
        #expect(
            Set(names) == [
                "_\u{301}evil.jpg", "_bashrc", "_rf", "_CON.jpg", "a_b.jpg", "end_", "ok.jpg",
            ])
        #expect(TemporaryFolder.files(below: folder.file("deep")).count == 7)
    }

    @Test("Beside a service, sizes are made of what comes in; --visibility public shows it")
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
        #expect(output.lines.last == "4 imported, 0 were there already, 0 not taken", output.said)
        for entry in try client.get("/api/images")["images"].array {
            let detail = try client.finished(try #require(entry["id"]?.string))
            #expect(detail["status"].string == "complete")
            let url = try #require(detail["sizes"]["small"]?["url"]?.string)
            #expect(!url.contains("signature"))
            #expect(try eventually { try stack.client.get(url).status == 200 })
        }
    }

    @Test("An import that is killed goes on where it was: each photo is there once")
    func killed() throws {
        let ground = try Ground()
        _ = try ground.account(email)
        let album = try folder.folder("many")
        for photo in try Photos.many(80, width: 100, height: 80, in: folder) {
            try FileManager.default.moveItem(
                atPath: photo, toPath: album + "/" + (photo as NSString).lastPathComponent)
        }
        let catalog = try ground.catalog()
        try ground.kill("images", "import", album, "--account", email) {
            try catalog.images.totals()[.pending]?.images ?? 0 > 10
        }
        let before = try catalog.images.totals()[.pending]?.images ?? 0
        let output = try ground.multires("images", "import", album, "--account", email)
        #expect(
            output.lines.last
                == "\(80 - before) imported, \(before) were there already, 0 not taken",
            output.said)
        #expect(try images(ground).count == 80)
        let usage = try #require(try catalog.accounts.credentials(email: email)).account.usage
        #expect(usage.images == 80)
    }

    @Test("A quota that is used up, and a queue that nobody works off, end it in words")
    func limits() throws {
        let ground = try Ground()
        _ = try ground.account(email)
        let album = try album()
        #expect(try ground.multires("users", "quota", email, "--images", "3").status == 0)
        let output = try ground.multires("images", "import", album, "--account", email)
        #expect(output.status == 1)
        #expect(output.text.contains("3 imported before this"), output.said)
        #expect(output.errors.contains("quota is used up"), output.said)
        #expect(try ground.multires("users", "quota", email, "--standard").status == 0)
        let full = try ground.multires(
            "images", "import", album, "--account", email,
            environment: ["MULTIRES_ACCOUNT_QUEUE": "2"])
        #expect(full.errors.contains("no worker runs"), full.said)
        let unknown = try ground.multires("images", "import", album, "--account", "b@example.org")
        #expect(unknown.errors.contains("no account"))
        #expect(
            try ground.multires("images", "import", "/nowhere", "--account", email).status == 1)
    }

    @Test("A name whose ending is as long as a name may be goes out too, twice")
    func longEnding() throws {
        let ground = try Ground()
        let owner = try ground.account(email)
        let name = "x." + String(repeating: "y", count: 240)
        let first = try ground.image(of: owner, bytes: [1], name: name)
        try ground.image(of: owner, bytes: [2], name: name)
        let target = folder.file("out")
        let output = try ground.multires("images", "export", "--account", email, target)
        #expect(output.lines.last == "2 copied, 0 were there already", output.said)
        let names = try FileManager.default.contentsOfDirectory(atPath: target)
        #expect(Set(names) == [name, "\(name.prefix(214))-\(first.id).jpg"])
    }

    @Test("Everything goes out again under its name, and a second run copies nothing")
    func exports() throws {
        let ground = try Ground()
        let owner = try ground.account(email)
        let first = try ground.image(of: owner, bytes: [1, 2, 3], name: "Ärger & Co.jpg")
        let second = try ground.image(of: owner, bytes: [4, 5], name: "Ärger & Co.jpg")
        try ground.image(of: owner, bytes: [6], name: "other")
        let target = folder.file("out")
        let output = try ground.multires("images", "export", "--account", email, target)
        #expect(output.lines.last == "3 copied, 0 were there already", output.said)
        let names = try FileManager.default.contentsOfDirectory(atPath: target)
        #expect(
            Set(names) == ["Ärger & Co.jpg", "Ärger & Co-\(first.id).jpg", "other"],
            "the newest has the name alone")
        #expect(try Photos.bytes(of: target + "/Ärger & Co.jpg") == [4, 5])
        #expect(try Photos.bytes(of: "\(target)/Ärger & Co-\(first.id).jpg") == [1, 2, 3])
        let again = try ground.multires("images", "export", "--account", email, target)
        #expect(again.lines.last == "0 copied, 3 were there already", again.said)
        unlink(ground.original(second))
        #expect(try ground.multires("images", "export", "--account", email, target).status == 1)
    }
}
