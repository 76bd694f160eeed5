import DiskMedia
import Foundation
import Media
import Model
import Processes
import SQLiteCatalog
import Settings
import Support
import Testing

/// A worker that is killed as it enters a system call, the first of its kind, then the second, and so
/// on until one run meets no more of them: every point between two steps of a job. strace sends the
/// signal, so the programs are those that people run.
@Suite struct KillPointTests {
    @Test(
        "kill -9 before any step of a job: the next worker completes it, and nothing else stays",
        arguments: [
            "mkdir", "link", "rename", "fsync", "fdatasync", "pwrite64", "symlink", "unlink",
            "rmdir",
        ])
    func killed(before call: String) throws {
        let ground = try Ground()
        var point = 1
        // SQLite makes most of its writes; each of them is tried by `make soak`.
        let step = call == "pwrite64" && !Fuzz.isLong ? 6 : 1
        while true {
            let image = try ground.upload(point)
            let killed = try ground.drain(killedBefore: call, point)
            try ground.drain()
            let found = try #require(try ground.image(image))
            #expect(found.status == .complete, "\(call) \(point): \(found.failure?.sentence ?? "")")
            #expect(found.attempts <= 2)
            #expect(found.variants.count == 4)
            #expect(ground.files(of: image) == ground.expected(found), "\(call) \(point)")
            #expect(try ground.litterAfterAnHour().isEmpty, "\(call) \(point)")
            guard killed else { break }
            point += step
        }
        // Each of them happens in a job, so a sweep that met none has tested nothing.
        #expect(point > 1)
    }

    /// A data folder without a service.
    private struct Ground {
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
            guard made.status == 0 else { throw NotUp(description: made.errors) }
            configuration = try Configuration(environment)
            catalog = try SQLiteCatalog(configuration, role: .worker)
            media = DiskMedia(configuration.folders)
            account = try catalog.accounts.register(
                email: "you@example.org", passwordHash: "", userAgent: nil, at: .now()
            ).account.id
            photo = try Photos.bytes(of: Photos.jpeg(width: 90, height: 60, in: folder))
        }

        /// As the responder does it.
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
            guard output.status == 0 else { throw NotUp(description: output.errors) }
        }

        /// False when the worker met no such call and came to its end.
        func drain(killedBefore call: String, _ point: Int) throws -> Bool {
            let output = try Shell.run(
                "strace",
                Strace.arguments(call, inject: "\(call):signal=SIGKILL:when=\(point)")
                    + [Programs.path("resize-worker"), "--drain", "--resizers", "1"],
                environment: environment)
            if output.status == 0 { return false }
            // strace ends as its child did.
            guard [-SIGKILL, 128 + SIGKILL].contains(output.status) else {
                throw NotUp(description: "\(output.status): \(output.errors)")
            }
            // A child that has not come to its program yet has its parent's locks.
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

        /// Relative to the data folder; through public links too.
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

        /// What a killed worker left and the next sweep finds to be old; its own folder goes at once.
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
