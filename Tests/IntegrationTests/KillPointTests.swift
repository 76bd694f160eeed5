import DiskMedia
import Foundation
import Media
import Model
import Processes
import SQLiteCatalog
import Settings
import Support
import Testing

/// Kills a worker as it enters the first system call of a kind, then the second, and so on until a run makes
/// no more of these calls: at every point between two steps of a job. strace sends the signal, so the
/// programs are unmodified.
@Suite struct KillPointTests {
    @Test(
        "After kill -9 at any step of a job, the next worker completes it and nothing else remains",
        arguments: [
            "mkdir", "link", "rename", "fsync", "fdatasync", "pwrite64", "symlink", "unlink",
            "rmdir",
        ])
    func killed(before call: String) throws {
        let harness = try CommandHarness()
        var point = 1
        // Most writes are SQLite's. `make soak` tries each of them.
        let step = call == "pwrite64" && !Fuzz.isLong ? 6 : 1
        while true {
            let image = try harness.upload(point)
            let killed = try harness.drain(killedBefore: call, point)
            try harness.drain()
            let found = try #require(try harness.image(image))
            #expect(found.status == .complete, "\(call) \(point): \(found.failure?.sentence ?? "")")
            #expect(found.attempts <= 2)
            #expect(found.variants.count == 4)
            #expect(harness.files(of: image) == harness.expected(found), "\(call) \(point)")
            #expect(try harness.litterAfterAnHour().isEmpty, "\(call) \(point)")
            guard killed else { break }
            point += step
        }
        // Each of these calls occurs in a job, so a test that was never killed has tested nothing.
        #expect(point > 1)
    }

    /// A data folder without a service.
    private struct CommandHarness {
        let folder = TemporaryFolder()
        let environment: [String: String]
        let configuration: Configuration
        let catalog: SQLiteCatalog
        let media: DiskMedia
        let account: Identifier<Account>
        let photo: [UInt8]

        init() throws {
            environment = Stack.environment(.fastcgi, data: folder.file("data"), port: 1)
            let made = try Shell.run(Programs.path("multires"), ["init"], environment: environment)
            guard made.status == 0 else { throw NotRunning(description: made.errors) }
            configuration = try Configuration(environment)
            catalog = try SQLiteCatalog(configuration, role: .worker)
            media = DiskMedia(configuration.folders)
            account = try catalog.accounts.register(
                email: "you@example.org", passwordHash: "", userAgent: nil, at: .now()
            ).account.id
            photo = try Photos.bytes(of: Photos.jpeg(width: 90, height: 60, in: folder))
        }

        /// Adds an image as the responder does.
        func upload(_ number: Int) throws -> Identifier<Image> {
            var file = try media.receive()
            try file.append(photo + Array("\(number)".utf8))
            let image = Image(
                id: Identifier(), account: account, originalName: "photo.jpg", alt: "",
                format: .jpeg, fit: .cover, visibility: .public, bytes: file.bytes,
                uploadedAt: .now())
            let digest = try media.store(file, as: image.id, .jpeg)
            _ = try catalog.images.add(
                NewImage(image: image, digest: digest, idempotencyKey: nil),
                within: configuration.allowance)
            return image.id
        }

        func image(_ id: Identifier<Image>) throws -> Image? {
            try catalog.images.image(id, of: account)
        }

        func drain() throws {
            let output = try Shell.run(
                Programs.path("resize-worker"), ["--drain"], environment: environment)
            guard output.status == 0 else { throw NotRunning(description: output.errors) }
        }

        /// False when the worker made fewer than `point` of these calls, and exited.
        func drain(killedBefore call: String, _ point: Int) throws -> Bool {
            let output = try Shell.run(
                "strace",
                Strace.arguments(call, inject: "\(call):signal=SIGKILL:when=\(point)")
                    + [Programs.path("resize-worker"), "--drain", "--resizers", "1"],
                environment: environment)
            if output.status == 0 { return false }
            // strace exits with the status of its child.
            guard [-SIGKILL, 128 + SIGKILL].contains(output.status) else {
                throw NotRunning(description: "\(output.status): \(output.errors)")
            }
            // A child that has not called execve(2) yet holds its parent's locks.
            #expect(eventually { !FileLock.isHeld(configuration.folders.drainLock) })
            return true
        }

        func files(of image: Identifier<Image>) -> Set<String> {
            Set(stored.filter { $0.contains(image.text) })
        }

        func expected(_ image: Image) -> Set<String> {
            let shard = MediaPath.shard(image.id)
            return Set(
                ["originals/\(shard)/\(image.id).jpg"]
                    + image.variants.flatMap { variant in
                        ["media", "public"].map { "\($0)/\(shard)/\(image.id)/\(variant.fileName)" }
                    })
        }

        /// Paths relative to the data folder, including those through public links.
        private var stored: [String] {
            ["originals", "media", "public"].flatMap { part in
                DataFolders.shards.flatMap { shard in
                    let path = "\(configuration.data)/\(part)/\(shard)"
                    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
                    return names.flatMap { name in
                        let inside = try? FileManager.default.contentsOfDirectory(
                            atPath: "\(path)/\(name)")
                        return inside.map { $0.map { "\(part)/\(shard)/\(name)/\($0)" } }
                            ?? ["\(part)/\(shard)/\(name)"]
                    }
                }
            }
        }

        /// What remains of a killed worker after a sweep two hours later. The next worker must remove its
        /// folder in `run/` at once.
        func litterAfterAnHour() throws -> [String] {
            let left = litter
            guard !left.isEmpty else { return [] }
            for path in left where !path.hasPrefix("run/") {
                try Shell.check(
                    "touch", ["-h", "-d", "2 hours ago", "\(configuration.data)/\(path)"])
            }
            try drain()
            return litter + left.filter { $0.hasPrefix("run/") }
        }

        private var litter: [String] {
            ["incoming", "trash", "run"].flatMap { part in
                let path = "\(configuration.data)/\(part)"
                let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
                return names.filter { part != "run" || $0.hasPrefix("worker-") }
                    .map { "\(part)/\($0)" }
            }
        }
    }
}
