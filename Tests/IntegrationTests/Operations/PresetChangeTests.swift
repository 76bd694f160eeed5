import Foundation
import Media
import Model
import Processes
import SQLiteCatalog
import Support
import Testing

/// `multires presets plan` and `apply` across a change of the preset file.
@Suite struct PresetChangeTests {
    private static let first = """
        {"sizes": [{"name": "thumbnail", "width": 100, "height": 100},
                   {"name": "card", "width": 300, "height": 200, "fit": "cover"},
                   {"name": "whole", "width": 500, "height": 500, "fit": "inside"}]}
        """
    /// `card` is changed, `whole` is removed, `hero` is added, and `thumbnail` stays.
    private static let second = """
        {"sizes": [{"name": "thumbnail", "width": 100, "height": 100},
                   {"name": "card", "width": 400, "height": 200, "fit": "cover"},
                   {"name": "hero", "width": 800, "height": 300, "fit": "cover", "format": "webp"}]}
        """

    private let folder = TemporaryFolder()

    private func write(_ preset: String, _ data: String) throws {
        try Data(preset.utf8).write(to: URL(fileURLWithPath: data + "/presets.json"))
    }

    private func multires(_ stack: Stack, _ arguments: String...) throws -> Shell.Output {
        try Shell.run(Programs.path("multires"), arguments, environment: stack.environment)
    }

    /// The URLs of an image's variants, by size name.
    private func addresses(_ detail: Answer) -> [String: String] {
        var found: [String: String] = [:]
        for name in detail["sizes"].names where name != "original" {
            found[name] = detail["sizes"][name]?["url"]?.string
        }
        return found
    }

    /// A service with images of the first preset, and the second preset in its file, before a reload.
    private func changed(
        _ count: Int, _ settings: [String: String] = [:]
    ) throws -> (stack: Stack, client: Client, images: [String: [String: String]]) {
        let place = TemporaryFolder()
        try write(Self.first, place.folder("data"))
        let stack = try Stack(in: place, settings: settings)
        let client = try stack.account()
        var images: [String: [String: String]] = [:]
        for (index, photo) in try Photos.many(count, width: 1000, height: 750, in: folder)
            .enumerated()
        {
            let visibility = index % 2 == 0 ? "public" : "private"
            let detail = try client.completed(photo, fields: ["visibility": visibility])
            images[try #require(detail["id"].string)] = addresses(detail)
        }
        try write(Self.second, stack.data)
        return (stack, client, images)
    }

    private func reload(_ stack: Stack) throws {
        let generation = stack.pids("image-responder") + stack.pids("resize-worker")
        stack.process.send(SIGHUP)
        #expect(eventually { generation.allSatisfy { kill($0, 0) != 0 } }, "\(stack.logText)")
        #expect(try eventually { try stack.client.get("/api/health").status == 200 })
    }

    @Test("During a re-render under load every URL keeps working, and new uploads come first")
    func underLoad() throws {
        let (stack, client, images) = try changed(
            12, ["MULTIRES_SIZES_GRACE": "1s", "MULTIRES_RESIZERS": "1"])
        let early = try multires(stack, "presets", "apply")
        #expect(early.errors.contains("still uses another preset"), early.said)
        let plan = try multires(stack, "presets", "plan")
        #expect(plan.status == 0, plan.said)
        for line in [
            "complete images that change: 12 of 12", "  card: 12 files will be rendered",
            "  hero: 12 files will be rendered",
        ] {
            #expect(plan.lines.contains(line), plan.said)
        }
        #expect(plan.text.contains("  whole: 12 files will be removed, "), plan.said)
        #expect(plan.text.contains("(measured on 8 images)"), plan.said)
        #expect(!plan.text.contains("thumbnail"), "an unchanged size is in the plan")
        try reload(stack)

        // While the workers are stopped, an upload follows twelve re-renders. It must be rendered first.
        let workers = stack.freeze("resize-worker")
        let applied = try multires(stack, "presets", "apply")
        #expect(applied.text.hasPrefix("12 images queued"), applied.said)
        #expect(try multires(stack, "presets", "apply").text.hasPrefix("0 images"))
        let photo = try Photos.jpeg(width: 900, height: 700, in: folder)
        let fresh = try #require(try client.upload(photo)["imageId"].string)
        stack.thaw(workers)

        var seen = images
        var broken: [String] = []
        var rerendered = 0
        let end = Date(timeIntervalSinceNow: 60)
        while rerendered < images.count, Date() < end {
            rerendered = 0
            for id in images.keys {
                let detail = try client.get("/api/images/\(id)")
                #expect(detail["status"].string == "complete", "\(detail.text)")
                let now = addresses(detail)
                // Without its signature, which changes every hour.
                #expect(
                    now["thumbnail"]?.prefix { $0 != "?" }
                        == images[id]?["thumbnail"]?.prefix { $0 != "?" })
                if now["hero"] != nil { rerendered += 1 }
                for address in Array(now.values) + Array(images[id, default: [:]].values)
                where try client.get(address).status != 200 { broken.append(address) }
                for (name, address) in now { seen[id]?[name + address] = address }
            }
        }
        #expect(rerendered == images.count, "\(stack.logText)")
        #expect(broken.isEmpty)
        // Each image is rendered twice, and the new one in between.
        let line = /image ([0-9a-f-]{36}) attempt/
        let order = stack.logText { $0.matches(of: line).count > 2 * images.count }
            .matches(of: line).map { String($0.1) }
        #expect(order.dropFirst(12).first == fresh, "\(order)")

        // When the grace period has ended, only superseded variants are removed.
        #expect(
            try multires(stack, "presets", "plan").text == "complete images that change: 0 of 13\n")
        var superseded = 0
        #expect(
            try eventually {
                let anHourAgo = Date(timeIntervalSinceNow: -3600)
                for file in stack.storedFiles where file.hasPrefix("media/") {
                    // The file may have been removed meanwhile.
                    try? FileManager.default.setAttributes(
                        [.modificationDate: anHourAgo], ofItemAtPath: stack.data + "/" + file)
                }
                // Removes the variants whose grace period of 1 s has ended. The last may need another run.
                let said = try multires(stack, "gc").text
                let count = said.firstMatch(
                    of: /images' sizes of an earlier preset removed: ([0-9]+)/)
                superseded += count.flatMap { Int($0.1) } ?? 0
                return superseded == 12
            }, "\(superseded)")
        for (id, old) in images {
            let now = addresses(try client.get("/api/images/\(id)"))
            for address in now.values { #expect(try client.get(address).status == 200) }
            for name in ["card", "whole"] {
                // Public URLs have no signature, so nginx answers 403 for a file that does not exist.
                #expect([403, 404].contains(try client.get(try #require(old[name])).status))
            }
        }
        #expect(try multires(stack, "doctor").status == 0)
    }

    @Test("After kill -9 of the worker and of apply, a second apply renders every image")
    func killed() throws {
        let (stack, client, images) = try changed(10)
        try reload(stack)
        let null = try FileDescriptor(opening: "/dev/null", O_WRONLY)
        let applying = try ChildProcess(
            Programs.path("multires"), ["presets", "apply", "--wait"],
            environment: stack.environment, descriptors: [1: null.number, 2: null.number])
        let catalog = try SQLiteCatalog(
            path: stack.data + "/catalog.sqlite3", journal: .wal, role: .worker)
        #expect(try eventually { try catalog.queue.state().rerenders > 0 || applying.hasEnded })
        applying.send(SIGKILL)
        for pid in stack.pids("resize-worker") + stack.pids("resizer") { kill(pid, SIGKILL) }
        let again = try multires(stack, "presets", "apply", "--wait")
        // The supervisor may be about to start the next worker.
        #expect(again.status == 0 || again.errors.contains("no worker is running"), again.said)
        #expect(
            try eventually {
                try multires(stack, "presets", "plan").text.contains("change: 0 of 10")
            }, "\(stack.logText)")
        for (id, old) in images {
            let now = addresses(try client.get("/api/images/\(id)"))
            #expect(Set(now.keys) == ["thumbnail", "card", "hero"])
            for address in Array(now.values) + Array(old.values) {
                #expect(try client.get(address).status == 200)
            }
        }
    }

    @Test("An image whose original is lost keeps its old variants")
    func lost() throws {
        let (stack, client, images) = try changed(1)
        let (id, old) = try #require(images.first)
        try reload(stack)
        let original = "\(stack.data)/originals/\(id.suffix(2))/\(id).jpg"
        rename(original, folder.file("original.jpg"))
        #expect(try multires(stack, "presets", "apply").text.hasPrefix("1 image "))
        #expect(
            try eventually {
                try multires(stack, "jobs", "list", "--state", "failed").text.contains(
                    "failed (rerender)")
            }, "\(stack.logText)")
        let detail = try client.get("/api/images/\(id)")
        #expect(detail["status"].string == "complete")
        #expect(addresses(detail) == old)
        rename(folder.file("original.jpg"), original)
        #expect(try multires(stack, "jobs", "retry", id).text.hasPrefix("1 image "))
        #expect(
            try eventually { addresses(try client.get("/api/images/\(id)"))["hero"] != nil })
    }
}
