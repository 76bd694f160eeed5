import DiskMedia
import Foundation
import Media
import Model
import Processes
import SQLiteCatalog
import Settings
import Support
import Testing

/// A data folder made by `multires init`, without a service, to which tests add images directly.
final class CommandHarness {
    let folder: TemporaryFolder
    let environment: [String: String]
    let folders: DataFolders
    let media: DiskMedia

    init(_ settings: [String: String] = [:], in folder: TemporaryFolder = TemporaryFolder()) throws
    {
        self.folder = folder
        let data = folder.file("data")
        environment = Stack.environment(.fastcgi, data: data, port: try FreePort.next())
            .merging(settings) { $1 }
        folders = DataFolders(root: data)
        media = DiskMedia(folders)
        let made = try multires("init")
        guard made.status == 0 else { throw NotRunning(description: made.errors) }
    }

    func catalog(_ rules: JobRules = JobRules()) throws -> SQLiteCatalog {
        try SQLiteCatalog(path: folders.catalog, journal: .wal, role: .worker, rules: rules)
    }

    /// Runs `multires` in this data folder, unless the environment names another.
    func multires(
        _ arguments: String..., environment more: [String: String] = [:], input: String = ""
    ) throws -> Shell.Output {
        try Shell.run(
            Programs.path("multires"), arguments, environment: environment.merging(more) { $1 },
            input: Array(input.utf8))
    }

    /// Starts the command and discards its output unless `output` is given. Each of its syncs takes 10 ms,
    /// so that it runs for seconds on any machine. The process is strace, which exits with the command and
    /// its status.
    func begin(
        _ arguments: [String], environment more: [String: String] = [:], output: String? = nil
    ) throws -> ChildProcess {
        let said = try FileDescriptor(opening: output ?? "/dev/null", O_WRONLY | O_CREAT)
        return try ChildProcess(
            "/usr/bin/strace",
            Strace.arguments("fsync,fdatasync", inject: "fsync,fdatasync:delay_exit=10000")
                + [Programs.path("multires")] + arguments,
            environment: environment.merging(more) { $1 },
            descriptors: [1: said.number, 2: said.number])
    }

    /// Starts the command and kills it with SIGKILL as soon as `condition` holds.
    func kill(
        _ arguments: String..., environment more: [String: String] = [:],
        when condition: () throws -> Bool
    ) throws {
        let tracer = try begin(arguments, environment: more)
        #expect(try eventually { try condition() || tracer.hasEnded })
        let children = try String(
            contentsOfFile: "/proc/\(tracer.pid)/task/\(tracer.pid)/children", encoding: .utf8)
        let process = try #require(children.split(separator: " ").first.flatMap { pid_t($0) })
        Glibc.kill(process, SIGKILL)
        #expect(tracer.wait() == .killed(signal: SIGKILL), "the command ended before it was killed")
    }

    /// Copies the write-ahead log into the database file.
    func checkpoint() throws {
        try Checkpointer(path: folders.catalog).checkpoint(whenOver: 0)
    }

    func account(_ email: String = "ada@example.org") throws -> Identifier<Account> {
        try catalog().accounts.register(
            email: email, passwordHash: "none", userAgent: nil, at: .now()
        ).account.id
    }

    /// Adds an image with an original of these bytes. Unless `isComplete` is false, it has small files as
    /// variants; else its job is pending.
    @discardableResult
    func image(
        of owner: Identifier<Account>, bytes: [UInt8] = Array(UUID().uuidString.utf8),
        name: String = "photo.jpg", visibility: Visibility = .private, isComplete: Bool = true,
        at now: Timestamp = .now()
    ) throws -> Image {
        let catalog = try catalog()
        let image = Image(
            id: Identifier(at: now), account: owner, originalName: name, alt: "", format: .jpeg,
            fit: .cover, visibility: visibility, bytes: Int64(bytes.count), uploadedAt: now)
        var file = try media.receive()
        try file.append(bytes)
        let digest = try media.store(file, as: image.id, .jpeg)
        let roomy = Allowance(
            quota: Usage(images: 100_000, bytes: 1 << 40), accountQueue: 100_000, queue: 100_000)
        _ = try catalog.images.add(
            NewImage(image: image, digest: digest, idempotencyKey: nil), within: roomy)
        guard isComplete else { return image }
        let claim = try #require(try catalog.queue.claim(by: "test"))
        try #require(claim.image.id == image.id)
        let sizes = ["thumbnail", "small"].map {
            Variant(
                name: $0, revision: "01234567", format: .jpeg,
                pixels: PixelSize(width: 10, height: 10), bytes: 5)
        }
        let job = "\(folders.incoming)/job-\(UUID().uuidString)"
        try Files.makeFolder(job)
        for size in sizes {
            try Data("pixel".utf8).write(to: .init(fileURLWithPath: "\(job)/\(size.fileName)"))
        }
        try media.publish(job, as: image.id)
        try catalog.queue.complete(
            claim.lease,
            with: Rendering(
                pixels: PixelSize(width: 10, height: 10), variants: sizes, placeholder: nil),
            at: .now())
        if visibility == .public { try media.link(image.id) }
        return try #require(try catalog.images.image(image.id, of: owner))
    }

    func original(_ image: Image) -> String { media.paths.original(image.id, image.format) }

    func size(_ image: Image, _ index: Int = 0) -> String {
        "\(media.paths.variants(image.id))/\(image.variants[index].fileName)"
    }
}

extension Shell.Output {
    var said: Comment { "exit status \(status)\n\(text)\n\(errors)" }
}
