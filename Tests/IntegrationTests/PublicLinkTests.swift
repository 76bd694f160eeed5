import Foundation
import Media
import Model
import Processes
import SQLiteCatalog
import Support
import Testing

/// An image has its public link exactly while its row is public, regardless of failures during a change.
@Suite struct PublicLinkTests {
    private let harness: CommandHarness
    private let owner: Identifier<Account>
    private let request: FaultyRequest

    init() throws {
        harness = try CommandHarness()
        owner = try harness.account()
        request = try FaultyRequest(harness, as: owner)
    }

    private func patch(
        _ image: Image, _ visibility: Visibility, fault: String?
    ) throws -> (status: Int, json: JSON) {
        try request.send(
            "PATCH", "/api/images/\(image.id)",
            body: Array(#"{"visibility": "\#(visibility)"}"#.utf8), fault: fault)
    }

    private func visibility(_ image: Image) throws -> Visibility? {
        try harness.catalog().images.image(image.id, of: owner)?.visibility
    }

    @Test("An image that could not be made private because the disk is full keeps its link")
    func noSpace() throws {
        let image = try harness.image(of: owner, visibility: .public)
        // While another connection is open, the shared memory of the WAL exists already.
        let other = try harness.catalog()
        let refused = try patch(image, .private, fault: "pwrite64:error=ENOSPC")
        #expect(try other.accounts.hasAccounts())
        #expect(refused.status == 507, "\(refused)")
        #expect(try visibility(image) == .public)
        #expect(try harness.media.isLinked(image.id))
        #expect(try patch(image, .private, fault: nil).status == 200)
        #expect(try !harness.media.isLinked(image.id))
        #expect(TemporaryFolder.files(below: harness.folders.trash).isEmpty)
    }

    @Test("When it is unknown whether an image became private, it has no link until a sweep")
    func unknown() throws {
        let image = try harness.image(of: owner, visibility: .public)
        let unknown = try patch(image, .private, fault: "fdatasync:error=EIO")
        #expect(unknown.json["code"]?.string == "unknown_outcome", "\(unknown)")
        #expect(try !harness.media.isLinked(image.id))
        #expect(try harness.multires("gc").status == 0)
        #expect(try harness.media.isLinked(image.id) == (visibility(image) == .public))
    }

    @Test(
        "When the public link of an image cannot be made, nothing changes",
        arguments: [("ENOSPC", 507), ("EIO", 500)])
    func publishing(error: String, status: Int) throws {
        let image = try harness.image(of: owner)
        let refused = try patch(image, .public, fault: "symlink:error=\(error)")
        #expect(refused.status == status, "\(refused)")
        #expect(try visibility(image) == .private)
        #expect(TemporaryFolder.files(below: harness.folders.trash).isEmpty)
        #expect(try patch(image, .public, fault: nil).status == 200)
        #expect(try harness.media.isLinked(image.id))
        #expect(TemporaryFolder.files(below: harness.folders.trash).isEmpty)
    }

    @Test("A change to public whose link cannot be made is reported, and can be repeated")
    func publishedWithoutLink() throws {
        let image = try harness.image(of: owner)
        let stored = try patch(image, .public, fault: "rename:error=EIO")
        #expect(stored.json["code"]?.string == "unknown_outcome", "\(stored)")
        #expect(stored.json["error"]?.string?.hasPrefix("The change is stored, but") == true)
        #expect(try visibility(image) == .public)
        #expect(try patch(image, .public, fault: nil).status == 200)
        #expect(try harness.media.isLinked(image.id))
    }

    @Test("After an image was made private, the request succeeds, even if a later step fails")
    func hiddenAfterAll() throws {
        let image = try harness.image(of: owner, visibility: .public)
        let hidden = try patch(image, .private, fault: "unlink:error=EIO")
        #expect(hidden.status == 200, "\(hidden)")
        #expect(try visibility(image) == .private)
        #expect(try !harness.media.isLinked(image.id))
    }

    @Test(
        "When a request is killed between row and link, a running worker fixes the link in seconds",
        arguments: [
            (Visibility.public, "rename"), (.private, "pwrite64"), (.private, "unlink"),
        ])
    func killed(wanted: Visibility, call: String) throws {
        let image = try harness.image(of: owner, visibility: wanted == .public ? .private : .public)
        try withWorker { said in
            _ = try patch(image, wanted, fault: "\(call):signal=SIGKILL")
            #expect(
                try eventually {
                    try harness.media.isLinked(image.id) == (visibility(image) == .public)
                }, "\(said())")
        }
    }

    enum Deletion: CaseIterable { case image, account, command }

    @Test(
        "When a deletion is killed before it removes the link, a running worker does so in seconds",
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
        let images = try (0..<3).map { _ in try harness.image(of: own, visibility: .public) }
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
                    environment: harness.environment)
            }
            let gone = deletion == .image ? Array(images[..<1]) : images
            let left = Set(try harness.catalog().images.existing(gone.map(\.id)))
            #expect(left.count == gone.count, "it was killed too late: rows are removed")
            for image in gone {
                #expect(try harness.catalog().images.image(image.id, of: own) == nil)
            }
            #expect(
                try eventually { try gone.allSatisfy { try !harness.media.isLinked($0.id) } },
                "\(said())")
            for image in images.dropFirst(gone.count) {
                #expect(try harness.media.isLinked(image.id), "it was not deleted")
            }
        }
    }

    /// Runs `body` beside a worker that has finished its first sweep.
    private func withWorker(
        _ strace: [String] = Strace.arguments("none"), _ body: (_ log: () -> String) throws -> Void
    ) throws {
        // The first sweep fixes this link.
        let other = try harness.image(of: owner)
        try harness.media.link(other.id)
        let log = harness.folder.file("log")
        func said() -> String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
        let output = try FileDescriptor(opening: log, O_WRONLY | O_CREAT)
        let tracer = try ChildProcess(
            "strace",
            strace + [Programs.path("resize-worker"), "--resizers", "1"],
            environment: harness.environment,
            descriptors: [1: output.number, 2: output.number])
        defer {
            // strace exits when its child does.
            let children = "/proc/\(tracer.pid)/task/\(tracer.pid)/children"
            let worker = (try? String(contentsOfFile: children, encoding: .utf8)) ?? ""
            for pid in worker.split(separator: " ").compactMap({ pid_t($0) }) { kill(pid, SIGKILL) }
            tracer.wait()
        }
        #expect(eventually { said().contains("public links repaired: 1") })
        try body(said)
    }

    @Test("A worker that cannot make a link on a full disk makes it soon, not with the next sweep")
    func worker() throws {
        let noRoom = Strace.arguments("symlink", inject: "symlink:error=ENOSPC:when=1")
        try withWorker(noRoom) { said in
            let folder = TemporaryFolder()
            let photo = try Photos.jpeg(width: 90, height: 60, in: folder)
            let image = try harness.image(
                of: owner, bytes: Photos.bytes(of: photo), visibility: .public, isComplete: false)
            #expect(
                try eventually {
                    try harness.catalog().images.image(image.id, of: owner)?.status == .complete
                },
                "\(said())")
            #expect(try eventually { try harness.media.isLinked(image.id) }, "\(said())")
        }
    }
}
