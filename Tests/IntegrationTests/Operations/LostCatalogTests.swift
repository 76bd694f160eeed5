import DiskMedia
import Foundation
import Media
import Model
import Processes
import SQLiteCatalog
import Support
import Testing

/// A catalog, originals or secrets that are lost or belong to another user or service: no user's data is
/// removed, and every program refuses to start, with a sentence that names the remedy.
@Suite struct LostCatalogTests {
    private let harness: CommandHarness
    private let owner: Identifier<Account>
    private let email = "ada@example.org"

    init() throws {
        harness = try CommandHarness()
        owner = try harness.account(email)
    }

    private func remove(_ suffixes: [String] = ["", "-wal", "-shm"]) {
        for suffix in suffixes { unlink(harness.folders.catalog + suffix) }
    }

    private var originals: [String] {
        TemporaryFolder.files(below: harness.folders.originals).filter { $0.hasSuffix(".jpg") }
    }

    private var recovered: [String] {
        TemporaryFolder.files(below: harness.folders.recovered)
            .filter { $0.hasSuffix(".jpg") && !$0.contains("/media/") }
    }

    private func age(_ path: String) throws {
        _ = try Shell.check("touch", ["-d", "2 hours ago", path])
    }

    private func expectRefusal(_ message: String, sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        for command in ["init", "serve"] {
            let output = try Shell.run(
                "timeout", ["30", Programs.path("multires"), command],
                environment: harness.environment)
            #expect(output.status == 1, output.said, sourceLocation: sourceLocation)
            #expect(output.errors.contains(message), output.said, sourceLocation: sourceLocation)
        }
        let doctor = try harness.multires("doctor")
        #expect(doctor.status == 1, doctor.said, sourceLocation: sourceLocation)
        #expect(
            doctor.lines.contains { $0.hasPrefix("problem  database") && $0.contains(message) },
            doctor.said, sourceLocation: sourceLocation)
    }

    @Test("A missing catalog is an error, and originals are untouched")
    func gone() throws {
        for _ in 0..<3 { try age(harness.original(try harness.image(of: owner))) }
        remove()
        try expectRefusal("--new-catalog")
        #expect(!FileManager.default.fileExists(atPath: harness.folders.catalog))
        #expect(originals.count == 3)
        #expect(try harness.multires("gc").status != 0)
        #expect(originals.count == 3)
    }

    @Test("A missing write-ahead log that had all rows is an error, for a worker too")
    func logGone() throws {
        for _ in 0..<3 { try age(harness.original(try harness.image(of: owner))) }
        remove(["-wal", "-shm"])
        try expectRefusal("The catalog is empty, but originals/ is not")
        let worker = try Shell.run(
            Programs.path("resize-worker"), ["--drain"], environment: harness.environment)
        #expect(worker.status == 1)
        #expect(worker.errors.contains("The catalog is empty"), worker.said)
        #expect(originals.count == 3 && recovered.isEmpty)
    }

    @Test(
        "The error for a catalog that belongs to another system user names both users",
        .enabled(if: isNobodyPossible, "NOT TESTED: running as another user needs root"))
    func foreignOwner() throws {
        try Shell.check("chown", ["-R", "nobody", harness.folder.path])
        try Shell.check("chown", ["root", harness.folders.catalog])
        try Shell.check("chmod", ["0644", harness.folders.catalog])
        for command in ["init", "serve"] {
            let output = try Shell.run(
                "timeout",
                ["30", "setpriv"] + Self.asNobody + [Programs.path("multires"), command],
                environment: harness.environment)
            #expect(output.status == 1, output.said)
            #expect(
                output.errors.contains(
                    "\(harness.folders.catalog) belongs to user root (0), but this program runs as "
                        + "user nobody"),
                output.said)
        }
    }

    private static let asNobody = ["--reuid", "nobody", "--clear-groups"]

    /// Whether this is root, and the user nobody can run the programs.
    private static let isNobodyPossible =
        getuid() == 0
        && (try? Shell.run("setpriv", asNobody + [Programs.path("multires"), "--version"]))?.status
            == 0

    /// A new catalog looks the same, so nothing shows that the user deleted all accounts.
    @Test("A catalog without accounts beside an original is an error that states what to do")
    func allDeleted() throws {
        var stray = try harness.media.receive()
        try stray.append(Array("left by a crash".utf8))
        _ = try harness.media.store(stray, as: Identifier(), .jpeg)
        #expect(try harness.multires("users", "delete", email, "--yes").status == 0)
        try expectRefusal("If all accounts were deleted")
        #expect(try harness.multires("init", "--new-catalog").status == 0)
        #expect(originals.isEmpty && recovered.count == 1)
    }

    @Test("A catalog that lacks the rows of most originals is an error, and a sweep moves nothing")
    func lacksRows() throws {
        try harness.image(of: owner)
        for number in 0..<101 { try plant(number) }
        try expectRefusal("101 of the 102 originals have no record in the database")
        let sweep = try harness.multires("gc")
        #expect(sweep.status == 1)
        #expect(sweep.errors.contains("101 of the 102 originals have no record"), sweep.said)
        #expect(originals.count == 102 && recovered.isEmpty)
    }

    @Test("A few originals without a row are moved to recovered/, counted, and never removed")
    func orphans() throws {
        let kept = try harness.image(of: owner)
        let ids = try (0..<5).map { try plant($0) }
        let sizes = harness.media.paths.variants(ids[0])
        mkdir(sizes, 0o750)
        _ = try Photos.write([1, 2], to: sizes + "/small.01234567.jpg")
        try age(sizes)
        let sweep = try harness.multires("gc")
        #expect(sweep.text.contains("images without a row cleaned up: 5"), sweep.said)
        #expect(Set(recovered) == Set(ids.map { "\($0).jpg" }))
        #expect(!FileManager.default.fileExists(atPath: sizes), "variants are not kept")
        #expect(FileManager.default.fileExists(atPath: harness.original(kept)))
        for path in recovered { try age(harness.folders.recovered + "/" + path) }
        #expect(try harness.multires("gc").text == "nothing to do\n")
        #expect(recovered.count == 5)
        let doctor = try harness.multires("doctor")
        #expect(
            doctor.text.contains("warning  recovered: 5 originals without a record"), doctor.said)
    }

    @Test("An original in recovered/ is moved back when it has a row")
    func broughtBack() throws {
        let image = try harness.image(of: owner)
        #expect(try harness.media.moveToRecovered(image.id))
        #expect(try harness.multires("doctor").status == 1)
        let sweep = try harness.multires("gc")
        #expect(sweep.text.contains("originals moved back from recovered/: 1"), sweep.said)
        #expect(FileManager.default.fileExists(atPath: harness.original(image)))
    }

    @Test("init --new-catalog moves all old data away, and recover adds the photos exactly once")
    func newCatalog() throws {
        let folder = TemporaryFolder()
        let photos = try Photos.many(3, width: 90, height: 60, in: folder)
        for photo in photos {
            try age(harness.original(try harness.image(of: owner, bytes: Photos.bytes(of: photo))))
        }
        remove()
        let begun = try harness.multires("init", "--new-catalog")
        #expect(begun.status == 0, begun.said)
        #expect(begun.text.contains("The old data is in \(harness.folders.recovered)/"), begun.said)
        #expect(originals.isEmpty && recovered.count == 3)
        #expect(try harness.multires("init").status == 0)
        _ = try harness.account(email)

        let listed = try harness.multires("images", "recover")
        #expect(listed.lines.last?.hasPrefix("3 originals") == true, listed.said)
        #expect(recovered.count == 3)
        let taken = try harness.multires("images", "recover", "--account", email)
        #expect(taken.lines.last == "3 added, 0 already present, 0 not accepted", taken.said)
        #expect(originals.count == 3 && recovered.isEmpty)
        let again = try harness.multires("images", "recover", "--account", email)
        #expect(again.lines.last == "0 added, 0 already present, 0 not accepted", again.said)
        #expect(try harness.multires("doctor").status == 0)
    }

    @Test("Files that images recover cannot add stay in recovered/ and are named")
    func notTaken() throws {
        try harness.image(of: owner)
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 90, height: 60, in: folder)
        let names = ["01890000-0000-7000-8000-0000000000ab.jpg", "notes.txt"]
        let place = harness.folders.recovered
        _ = try Photos.write(Photos.bytes(of: photo), to: "\(place)/\(names[0])")
        _ = try Photos.write(
            Photos.bytes(of: photo), to: place + "/" + UUID().uuidString.lowercased() + ".jpg")
        let broken = "\(place)/01890000-0000-7000-8000-0000000000cd.png"
        _ = try Photos.write(Array("no picture".utf8), to: broken)
        _ = try Photos.write([1], to: "\(place)/\(names[1])")
        let taken = try harness.multires("images", "recover", "--account", email)
        #expect(taken.text.contains("\(broken): not a JPEG"), taken.said)
        #expect(taken.lines.last?.hasSuffix("1 not accepted") == true, taken.said)
        #expect(FileManager.default.fileExists(atPath: broken))
        #expect(FileManager.default.fileExists(atPath: "\(place)/notes.txt"))
    }

    @Test("Photos in recovered/ are backed up and restored")
    func backedUp() throws {
        try harness.image(of: owner)
        let id = try plant(1)
        #expect(try harness.multires("gc").status == 0)
        let elsewhere = TemporaryFolder()
        let backup = elsewhere.file("backup")
        #expect(try harness.multires("backup", backup).status == 0)
        let data = elsewhere.file("data")
        let restored = try harness.multires("restore", backup, environment: ["MULTIRES_DATA": data])
        #expect(restored.status == 0, restored.said)
        #expect(FileManager.default.fileExists(atPath: "\(data)/recovered/\(id).jpg"))
    }

    @Test("A backup of a new catalog does not replace or prune the old catalog's backup")
    func backupOfAnother() throws {
        try harness.image(of: owner)
        let elsewhere = TemporaryFolder()
        let backup = elsewhere.file("backup")
        #expect(try harness.multires("backup", backup).status == 0)
        remove()
        #expect(try harness.multires("init", "--new-catalog").status == 0)
        let refused = try harness.multires("backup", backup, "--prune")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("are not in the catalog"), refused.said)
        #expect(try harness.multires("restore", backup, "--check").status == 0)
    }

    @Test("A backup is refused in a folder with other files")
    func backupAmongFiles() throws {
        try harness.image(of: owner)
        let home = TemporaryFolder()
        _ = try Photos.write([1, 2, 3], to: home.file("part"))
        let refused = try harness.multires("backup", home.path)
        #expect(refused.status == 1 && refused.errors.contains("has other files"), refused.said)
        #expect(try Photos.bytes(of: home.file("part")) == [1, 2, 3])
    }

    @Test("A missing or empty originals/ is an error if there are images, unless it is accepted")
    func originalsGone() throws {
        let image = try harness.image(of: owner)
        let place = harness.folder.file("elsewhere")
        rename(harness.folders.originals, place)
        try expectRefusal("originals/ is missing or empty")
        #expect(!FileManager.default.fileExists(atPath: harness.folders.originals), "was created")
        mkdir(harness.folders.originals, 0o750)
        try expectRefusal("originals/ is missing or empty")
        rmdir(harness.folders.originals)
        rename(place, harness.folders.originals)
        #expect(try harness.multires("init").status == 0)
        unlink(harness.original(image))
        try expectRefusal("--accept-lost-originals")
        #expect(try harness.multires("init", "--accept-lost-originals").status == 0)
        #expect(try harness.multires("init").status == 0)
    }

    @Test("Missing secrets of existing data are not replaced without --new-secrets")
    func secretsGone() throws {
        unlink(harness.folders.secrets)
        let refused = try harness.multires("init")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("--new-secrets"), refused.said)
        #expect(!FileManager.default.fileExists(atPath: harness.folders.secrets))
        #expect(try harness.multires("init", "--new-secrets").status == 0)
        try Data("garbled".utf8).write(to: URL(fileURLWithPath: harness.folders.secrets))
        let garbled = try harness.multires("doctor")
        #expect(garbled.text.contains("Restore an intact copy of the file"), garbled.said)
    }

    @Test("A data folder that others may enter is closed, unless it has other files")
    func mode() throws {
        chmod(harness.folders.root, 0o755)
        #expect(try harness.multires("init").status == 0)
        var status = stat()
        #expect(stat(harness.folders.root, &status) == 0 && status.st_mode & 0o777 == 0o750)
        let home = TemporaryFolder()
        _ = try Photos.write([1], to: home.file("letter.txt"))
        chmod(home.path, 0o755)
        let output = try harness.multires("init", environment: ["MULTIRES_DATA": home.path])
        #expect(output.status == 0 && output.errors.contains("run chmod o="), output.said)
        #expect(stat(home.path, &status) == 0 && status.st_mode & 0o777 == 0o755)
    }

    @Test("Importing the same bytes restores a lost original")
    func healed() throws {
        let folder = TemporaryFolder()
        let photo = try Photos.jpeg(width: 90, height: 60, in: folder)
        let image = try harness.image(of: owner, bytes: Photos.bytes(of: photo))
        unlink(harness.original(image))
        let output = try harness.multires("images", "import", folder.path, "--account", email)
        #expect(output.text.contains("1 already present"), output.said)
        #expect(try Photos.bytes(of: harness.original(image)) == Photos.bytes(of: photo))
        #expect(originals.count == 1)
    }

    @Test("doctor does not delete a user's account with the email of doctor's own account")
    func doctorsName() throws {
        let name = "round-trip@doctor.invalid"
        let stack = try Stacks.shared(.fastcgi, "doctor's name")
        let registered = try stack.client.post(
            "/api/auth/register",
            json: #"{"email": "\#(name)", "password": "correct horse battery"}"#)
        #expect(registered.status == 201)
        let output = try Shell.run(
            Programs.path("multires"), ["doctor"], environment: stack.environment)
        #expect(output.text.contains("is an account with a password"), output.said)
        let catalog = try SQLiteCatalog(
            path: stack.data + "/catalog.sqlite3", journal: .wal, role: .worker)
        #expect(try catalog.accounts.credentials(email: name) != nil)
    }

    /// An original without a row, two hours old.
    @discardableResult
    private func plant(_ number: Int) throws -> Identifier<Image> {
        let id = Identifier<Image>()
        var file = try harness.media.receive()
        try file.append(Array("orphan \(number)".utf8))
        _ = try harness.media.store(file, as: id, .jpeg)
        try age(harness.media.paths.original(id, .jpeg))
        return id
    }
}
