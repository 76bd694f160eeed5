import Foundation
import Media
import Model
import Processes
import SQLiteCatalog
import Support
import Testing

/// The public link follows the row, both ways, whatever fails in between.
@Suite struct PublicLinkTests {
    private let ground: Ground
    private let owner: Identifier<Account>
    private let request: FaultyRequest

    init() throws {
        ground = try Ground()
        owner = try ground.account()
        request = try FaultyRequest(ground, as: owner)
    }

    private func patch(
        _ image: Image, _ visibility: Visibility, fault: String?
    ) throws -> (status: Int, json: JSON) {
        try request.send(
            "PATCH", "/api/images/\(image.id)",
            body: Array(#"{"visibility": "\#(visibility)"}"#.utf8), fault: fault)
    }

    private func visibility(_ image: Image) throws -> Visibility? {
        try ground.catalog().images.image(image.id, of: owner)?.visibility
    }

    @Test("An image that could not be made private for want of room keeps its link")
    func noSpace() throws {
        let image = try ground.image(of: owner, visibility: .public)
        // The WAL's shared memory is there already while somebody has the database open.
        let other = try ground.catalog()
        let refused = try patch(image, .private, fault: "pwrite64:error=ENOSPC")
        #expect(try other.accounts.hasAccounts())
        #expect(refused.status == 507, "\(refused)")
        #expect(try visibility(image) == .public)
        #expect(try ground.media.isLinked(image.id))
        #expect(try patch(image, .private, fault: nil).status == 200)
        #expect(try !ground.media.isLinked(image.id))
        #expect(TemporaryFolder.files(below: ground.folders.trash).isEmpty)
    }

    @Test("When nobody knows whether an image became private, its link stays away until a sweep")
    func unknown() throws {
        let image = try ground.image(of: owner, visibility: .public)
        let unknown = try patch(image, .private, fault: "fdatasync:error=EIO")
        #expect(unknown.json["code"]?.string == "unknown_outcome", "\(unknown)")
        #expect(try !ground.media.isLinked(image.id))
        #expect(try ground.multires("gc").status == 0)
        #expect(try ground.media.isLinked(image.id) == (visibility(image) == .public))
    }

    @Test(
        "Where the link to a public image cannot be made, nothing is changed",
        arguments: [("ENOSPC", 507), ("EIO", 500)])
    func publishing(error: String, status: Int) throws {
        let image = try ground.image(of: owner)
        let refused = try patch(image, .public, fault: "symlink:error=\(error)")
        #expect(refused.status == status, "\(refused)")
        #expect(try visibility(image) == .private)
        #expect(TemporaryFolder.files(below: ground.folders.trash).isEmpty)
        #expect(try patch(image, .public, fault: nil).status == 200)
        #expect(try ground.media.isLinked(image.id))
        #expect(TemporaryFolder.files(below: ground.folders.trash).isEmpty)
    }

    @Test("An image that became public without its link says so, and the request can be repeated")
    func publishedWithoutLink() throws {
        let image = try ground.image(of: owner)
        let stored = try patch(image, .public, fault: "rename:error=EIO")
        #expect(stored.json["code"]?.string == "unknown_outcome", "\(stored)")
        #expect(stored.json["error"]?.string?.hasPrefix("The change is stored, but") == true)
        #expect(try visibility(image) == .public)
        #expect(try patch(image, .public, fault: nil).status == 200)
        #expect(try ground.media.isLinked(image.id))
    }

    @Test("An image that became private is answered so, whatever fails after that")
    func hiddenAfterAll() throws {
        let image = try ground.image(of: owner, visibility: .public)
        let hidden = try patch(image, .private, fault: "unlink:error=EIO")
        #expect(hidden.status == 200, "\(hidden)")
        #expect(try visibility(image) == .private)
        #expect(try !ground.media.isLinked(image.id))
    }

    @Test(
        "A request that is killed between row and link: a running worker mends the link in seconds",
        arguments: [
            (Visibility.public, "rename"), (.private, "pwrite64"), (.private, "unlink"),
        ])
    func killed(wanted: Visibility, call: String) throws {
        let image = try ground.image(of: owner, visibility: wanted == .public ? .private : .public)
        try withWorker { said in
            _ = try patch(image, wanted, fault: "\(call):signal=SIGKILL")
            #expect(
                try eventually {
                    try ground.media.isLinked(image.id) == (visibility(image) == .public)
                }, "\(said())")
        }
    }

    enum Deletion: CaseIterable { case image, account, command }

    @Test(
        "A deletion that is killed before the link went: a running worker removes the link in seconds",
        arguments: Deletion.allCases)
    func deletionKilled(_ deletion: Deletion) throws {
        let password = "correct horse battery"
        let email = "grace@example.org"
        let registered = try request.send(
            "POST", "/api/auth/register",
            body: Array(#"{"email": "\#(email)", "password": "\#(password)"}"#.utf8), token: "")
        let account = try #require(
            registered.json["userId"]?.string.flatMap { Identifier<Account>($0) })
        let own = deletion == .image ? owner : account
        let images = try (0..<3).map { _ in try ground.image(of: own, visibility: .public) }
        let fault = "unlink:signal=SIGKILL"
        try withWorker { said in
            switch deletion {
            case .image:
                _ = try request.send("DELETE", "/api/images/\(images[0].id)", fault: fault)
            case .account:
                _ = try request.send(
                    "DELETE", "/api/auth/me", body: Array(#"{"password": "\#(password)"}"#.utf8),
                    token: registered.json["accessToken"]?.string, fault: fault)
            case .command:
                _ = try Shell.run(
                    "strace",
                    Strace.arguments("unlink", inject: fault)
                        + [Programs.path("multires"), "users", "delete", email, "--yes"],
                    environment: ground.environment)
            }
            let gone = deletion == .image ? Array(images[..<1]) : images
            let left = Set(try ground.catalog().images.existing(gone.map(\.id)))
            #expect(left.count == gone.count, "it was to be killed before the rows went")
            for image in gone {
                #expect(try ground.catalog().images.image(image.id, of: own) == nil)
            }
            #expect(
                try eventually { try gone.allSatisfy { try !ground.media.isLinked($0.id) } },
                "\(said())")
            for image in images.dropFirst(gone.count) {
                #expect(try ground.media.isLinked(image.id), "it was not deleted")
            }
        }
    }

    /// One that has done its sweep at the start.
    private func withWorker(
        _ strace: [String] = Strace.arguments("none"), _ body: (_ log: () -> String) throws -> Void
    ) throws {
        // Mended by that sweep.
        let other = try ground.image(of: owner)
        try ground.media.link(other.id)
        let log = ground.folder.file("log")
        func said() -> String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
        let output = try FileDescriptor(opening: log, O_WRONLY | O_CREAT)
        let tracer = try ChildProcess(
            "strace",
            strace + [Programs.path("resize-worker"), "--resizers", "1"],
            environment: ground.environment,
            descriptors: [1: output.number, 2: output.number])
        defer {
            // strace ends as its child does.
            let children = "/proc/\(tracer.pid)/task/\(tracer.pid)/children"
            let worker = (try? String(contentsOfFile: children, encoding: .utf8)) ?? ""
            for pid in worker.split(separator: " ").compactMap({ pid_t($0) }) { kill(pid, SIGKILL) }
            tracer.wait()
        }
        #expect(eventually { said().contains("1 public links mended") })
        try body(said)
    }

    @Test("A worker that finds no room for a link makes it soon after, not with the next sweep")
    func worker() throws {
        let noRoom = Strace.arguments("symlink", inject: "symlink:error=ENOSPC:when=1")
        try withWorker(noRoom) { said in
            let folder = TemporaryFolder()
            let photo = try Photos.jpeg(width: 90, height: 60, in: folder)
            let image = try ground.image(
                of: owner, bytes: Photos.bytes(of: photo), visibility: .public, isComplete: false)
            #expect(
                try eventually {
                    try ground.catalog().images.image(image.id, of: owner)?.status == .complete
                },
                "\(said())")
            #expect(try eventually { try ground.media.isLinked(image.id) }, "\(said())")
        }
    }
}
