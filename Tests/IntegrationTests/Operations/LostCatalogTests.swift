import DiskMedia
import Foundation
import Media
import Model
import Processes
import SQLiteCatalog
import Support
import Testing

/// A catalog, originals or secrets that are gone or another's: nothing that a user gave is removed,
/// and every way in refuses with one sentence that says what to do.
@Suite struct LostCatalogTests {
    private let ground: Ground
    private let owner: Identifier<Account>
    private let email = "ada@example.org"

    init() throws {
        ground = try Ground()
        owner = try ground.account(email)
    }

    private func remove(_ suffixes: [String] = ["", "-wal", "-shm"]) {
        for suffix in suffixes { unlink(ground.folders.catalog + suffix) }
    }

    private var originals: [String] {
        TemporaryFolder.files(below: ground.folders.originals).filter { $0.hasSuffix(".jpg") }
    }

    private var recovered: [String] {
        TemporaryFolder.files(below: ground.folders.recovered)
            .filter { $0.hasSuffix(".jpg") && !$0.contains("/media/") }
    }

    private func age(_ path: String) throws {
        _ = try Shell.check("touch", ["-d", "2 hours ago", path])
    }

    private func expectRefusal(_ words: String, sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        for command in ["init", "serve"] {
            let output = try Shell.run(
                "timeout", ["30", Programs.path("multires"), command],
                environment: ground.environment)
            #expect(output.status == 1, output.said, sourceLocation: sourceLocation)
            #expect(output.errors.contains(words), output.said, sourceLocation: sourceLocation)
        }
        let doctor = try ground.multires("doctor")
        #expect(doctor.status == 1, doctor.said, sourceLocation: sourceLocation)
        #expect(
            doctor.lines.contains { $0.hasPrefix("problem  database") && $0.contains(words) },
            doctor.said, sourceLocation: sourceLocation)
    }

    @Test("A catalog that is gone is refused, and no original is touched")
    func gone() throws {
        for _ in 0..<3 { try age(ground.original(try ground.image(of: owner))) }
        remove()
        try expectRefusal("--new-catalog")
        #expect(!FileManager.default.fileExists(atPath: ground.folders.catalog))
        #expect(originals.count == 3)
        #expect(try ground.multires("gc").status != 0)
        #expect(originals.count == 3)
    }

    @Test("A log that is gone with all rows in it is refused, and a worker refuses too")
    func logGone() throws {
        for _ in 0..<3 { try age(ground.original(try ground.image(of: owner))) }
        remove(["-wal", "-shm"])
        try expectRefusal("The catalog is empty, but originals/ is not")
        let worker = try Shell.run(
            Programs.path("resize-worker"), ["--drain"], environment: ground.environment)
        #expect(worker.status == 1)
        #expect(worker.errors.contains("The catalog is empty"), worker.said)
        #expect(originals.count == 3 && recovered.isEmpty)
    }

    @Test(
        "A catalog that belongs to another user is refused with both names",
        .enabled(if: isNobodyPossible, "NOT TESTED: to be another user needs root"))
    func foreignOwner() throws {
        try Shell.check("chown", ["-R", "nobody", ground.folder.path])
        try Shell.check("chown", ["root", ground.folders.catalog])
        try Shell.check("chmod", ["0644", ground.folders.catalog])
        for command in ["init", "serve"] {
            let output = try Shell.run(
                "timeout",
                ["30", "setpriv"] + Self.asNobody + [Programs.path("multires"), command],
                environment: ground.environment)
            #expect(output.status == 1, output.said)
            #expect(
                output.errors.contains(
                    "\(ground.folders.catalog) belongs to user root (0), and this is user nobody"),
                output.said)
        }
    }

    private static let asNobody = ["--reuid", "nobody", "--clear-groups"]

    /// Who may read the programs, too.
    private static let isNobodyPossible =
        getuid() == 0
        && (try? Shell.run("setpriv", asNobody + [Programs.path("multires"), "--version"]))?.status
            == 0

    /// A catalog that was made a moment ago looks the same, so it is not taken for granted.
    @Test(
        "A catalog without accounts is refused beside one original, and the sentence says what to do"
    )
    func allDeleted() throws {
        var stray = try ground.media.receive()
        try stray.append(Array("left by a crash".utf8))
        _ = try ground.media.store(stray, as: Identifier(), .jpeg)
        #expect(try ground.multires("users", "delete", email, "--yes").status == 0)
        try expectRefusal("If all accounts were deleted")
        #expect(try ground.multires("init", "--new-catalog").status == 0)
        #expect(originals.isEmpty && recovered.count == 1)
    }

    @Test(
        "A catalog that lacks rows for most originals is refused; a sweep stops and moves nothing")
    func lacksRows() throws {
        try ground.image(of: owner)
        for number in 0..<101 { try plant(number) }
        try expectRefusal("does not know 101 of the 102 images")
        let sweep = try ground.multires("gc")
        #expect(sweep.status == 1)
        #expect(sweep.errors.contains("does not know 101 of the 102"), sweep.said)
        #expect(originals.count == 102 && recovered.isEmpty)
    }

    @Test("As few as crashes leave are moved to recovered/, counted by doctor, and never removed")
    func orphans() throws {
        let kept = try ground.image(of: owner)
        let ids = try (0..<5).map { try plant($0) }
        let sizes = ground.media.paths.variants(ids[0])
        mkdir(sizes, 0o750)
        _ = try Photos.write([1, 2], to: sizes + "/small.01234567.jpg")
        try age(sizes)
        let sweep = try ground.multires("gc")
        #expect(sweep.text.contains("5 images without a row cleared away"), sweep.said)
        #expect(Set(recovered) == Set(ids.map { "\($0).jpg" }))
        #expect(!FileManager.default.fileExists(atPath: sizes), "sizes can be made again")
        #expect(FileManager.default.fileExists(atPath: ground.original(kept)))
        for path in recovered { try age(ground.folders.recovered + "/" + path) }
        #expect(try ground.multires("gc").text == "nothing to do\n")
        #expect(recovered.count == 5)
        let doctor = try ground.multires("doctor")
        #expect(
            doctor.text.contains("warning  recovered: 5 originals without a row"), doctor.said)
    }

    @Test("An original that was set aside comes back when its row is there after all")
    func broughtBack() throws {
        let image = try ground.image(of: owner)
        #expect(try ground.media.setAside(image.id))
        #expect(try ground.multires("doctor").status == 1)
        let sweep = try ground.multires("gc")
        #expect(sweep.text.contains("1 originals brought back"), sweep.said)
        #expect(FileManager.default.fileExists(atPath: ground.original(image)))
    }

    @Test(
        "--new-catalog moves all old data aside; recover brings the photos back, again does no harm"
    )
    func newCatalog() throws {
        let folder = TemporaryFolder()
        let photos = try Photos.many(3, width: 90, height: 60, in: folder)
        for photo in photos {
            try age(ground.original(try ground.image(of: owner, bytes: Photos.bytes(of: photo))))
        }
        remove()
        let begun = try ground.multires("init", "--new-catalog")
        #expect(begun.status == 0, begun.said)
        #expect(begun.text.contains("The old data is in \(ground.folders.recovered)/"), begun.said)
        #expect(originals.isEmpty && recovered.count == 3)
        #expect(try ground.multires("init").status == 0)
        _ = try ground.account(email)

        let listed = try ground.multires("images", "recover")
        #expect(listed.lines.last?.hasPrefix("3 originals") == true, listed.said)
        #expect(recovered.count == 3)
        let taken = try ground.multires("images", "recover", "--account", email)
        #expect(taken.lines.last == "3 added, 0 were there already, 0 not taken", taken.said)
        #expect(originals.count == 3 && recovered.isEmpty)
        let again = try ground.multires("images", "recover", "--account", email)
        #expect(again.lines.last == "0 added, 0 were there already, 0 not taken", again.said)
        #expect(try ground.multires("doctor").status == 0)
    }

    @Test("What recover does not take stays in recovered/ and is named")
    func notTaken() throws {
        try ground.image(of: owner)
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 90, height: 60, in: folder)
        let names = ["01890000-0000-7000-8000-0000000000ab.jpg", "notes.txt"]
        let place = ground.folders.recovered
        _ = try Photos.write(Photos.bytes(of: photo), to: "\(place)/\(names[0])")
        _ = try Photos.write(
            Photos.bytes(of: photo), to: place + "/" + UUID().uuidString.lowercased() + ".jpg")
        let broken = "\(place)/01890000-0000-7000-8000-0000000000cd.png"
        _ = try Photos.write(Array("no picture".utf8), to: broken)
        _ = try Photos.write([1], to: "\(place)/\(names[1])")
        let taken = try ground.multires("images", "recover", "--account", email)
        #expect(taken.text.contains("\(broken): no JPEG"), taken.said)
        #expect(taken.lines.last?.hasSuffix("1 not taken") == true, taken.said)
        #expect(FileManager.default.fileExists(atPath: broken))
        #expect(FileManager.default.fileExists(atPath: "\(place)/notes.txt"))
    }

    @Test("Photos in recovered/ go into a backup and come back from it")
    func backedUp() throws {
        try ground.image(of: owner)
        let id = try plant(1)
        #expect(try ground.multires("gc").status == 0)
        let elsewhere = TemporaryFolder()
        let backup = elsewhere.file("backup")
        #expect(try ground.multires("backup", backup).status == 0)
        let data = elsewhere.file("data")
        let restored = try ground.multires("restore", backup, environment: ["MULTIRES_DATA": data])
        #expect(restored.status == 0, restored.said)
        #expect(FileManager.default.fileExists(atPath: "\(data)/recovered/\(id).jpg"))
    }

    @Test(
        "A new catalog's backup does not replace the old one's, and --prune removes nothing of it")
    func backupOfAnother() throws {
        try ground.image(of: owner)
        let elsewhere = TemporaryFolder()
        let backup = elsewhere.file("backup")
        #expect(try ground.multires("backup", backup).status == 0)
        remove()
        #expect(try ground.multires("init", "--new-catalog").status == 0)
        let refused = try ground.multires("backup", backup, "--prune")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("are not in the catalog"), refused.said)
        #expect(try ground.multires("restore", backup, "--check").status == 0)
    }

    @Test("A backup goes into an empty folder or a backup, never among somebody's files")
    func backupAmongFiles() throws {
        try ground.image(of: owner)
        let home = TemporaryFolder()
        _ = try Photos.write([1, 2, 3], to: home.file("part"))
        let refused = try ground.multires("backup", home.path)
        #expect(refused.status == 1 && refused.errors.contains("has other files"), refused.said)
        #expect(try Photos.bytes(of: home.file("part")) == [1, 2, 3])
    }

    @Test("originals/ that is missing or empty is refused beside images, unless it is accepted")
    func originalsGone() throws {
        let image = try ground.image(of: owner)
        let place = ground.folder.file("elsewhere")
        rename(ground.folders.originals, place)
        try expectRefusal("originals/ is missing or empty")
        #expect(!FileManager.default.fileExists(atPath: ground.folders.originals), "none is made")
        mkdir(ground.folders.originals, 0o750)
        try expectRefusal("originals/ is missing or empty")
        rmdir(ground.folders.originals)
        rename(place, ground.folders.originals)
        #expect(try ground.multires("init").status == 0)
        unlink(ground.original(image))
        try expectRefusal("--accept-lost-originals")
        #expect(try ground.multires("init", "--accept-lost-originals").status == 0)
        #expect(try ground.multires("init").status == 0)
    }

    @Test("Secrets that are gone beside data are not replaced, unless new ones are asked for")
    func secretsGone() throws {
        unlink(ground.folders.secrets)
        let refused = try ground.multires("init")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("--new-secrets"), refused.said)
        #expect(!FileManager.default.fileExists(atPath: ground.folders.secrets))
        #expect(try ground.multires("init", "--new-secrets").status == 0)
        try Data("garbled".utf8).write(to: URL(fileURLWithPath: ground.folders.secrets))
        let garbled = try ground.multires("doctor")
        #expect(garbled.text.contains("put back a sound copy of the file"), garbled.said)
    }

    @Test("A data folder that was open to others is closed; one with somebody's files is not")
    func mode() throws {
        chmod(ground.folders.root, 0o755)
        #expect(try ground.multires("init").status == 0)
        var status = stat()
        #expect(stat(ground.folders.root, &status) == 0 && status.st_mode & 0o777 == 0o750)
        let home = TemporaryFolder()
        _ = try Photos.write([1], to: home.file("letter.txt"))
        chmod(home.path, 0o755)
        let output = try ground.multires("init", environment: ["MULTIRES_DATA": home.path])
        #expect(output.status == 0 && output.errors.contains("run chmod o="), output.said)
        #expect(stat(home.path, &status) == 0 && status.st_mode & 0o777 == 0o755)
    }

    @Test("The same bytes again replace an original that the disk has lost")
    func healed() throws {
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 90, height: 60, in: folder)
        let image = try ground.image(of: owner, bytes: Photos.bytes(of: photo))
        unlink(ground.original(image))
        let output = try ground.multires("images", "import", folder.path, "--account", email)
        #expect(output.text.contains("1 were there already"), output.said)
        #expect(try Photos.bytes(of: ground.original(image)) == Photos.bytes(of: photo))
        #expect(originals.count == 1)
    }

    @Test("doctor does not delete a person's account that has its name")
    func doctorsName() throws {
        let name = "round-trip@doctor.invalid"
        let stack = try Stacks.shared(.fastcgi, "doctor's name")
        let registered = try stack.client.post(
            "/api/auth/register",
            json: #"{"email": "\#(name)", "password": "correct horse battery"}"#)
        #expect(registered.status == 201)
        let output = try Shell.run(
            Programs.path("multires"), ["doctor"], environment: stack.environment)
        #expect(output.text.contains("is somebody's account"), output.said)
        let catalog = try SQLiteCatalog(
            path: stack.data + "/catalog.sqlite3", journal: .wal, role: .worker)
        #expect(try catalog.accounts.credentials(email: name) != nil)
    }

    /// An original without a row, two hours old.
    @discardableResult
    private func plant(_ number: Int) throws -> Identifier<Image> {
        let id = Identifier<Image>()
        var file = try ground.media.receive()
        try file.append(Array("orphan \(number)".utf8))
        _ = try ground.media.store(file, as: id, .jpeg)
        try age(ground.media.paths.original(id, .jpeg))
        return id
    }
}
