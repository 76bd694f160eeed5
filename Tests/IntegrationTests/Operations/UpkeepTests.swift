import DiskMedia
import Foundation
import Media
import Model
import SQLiteCatalog
import Support
import Testing

/// `multires jobs`, `gc` and `stats`.
@Suite struct UpkeepTests {
    private let ground: Ground
    private let owner: Identifier<Account>

    init() throws {
        ground = try Ground()
        owner = try ground.account()
    }

    @Test("Images that were given up are listed with the reason, and tried again when asked")
    func dead() throws {
        let images = try (0..<3).map { _ in try ground.image(of: owner, isComplete: false) }
        let catalog = try ground.catalog(JobRules(attempts: 1))
        for _ in images {
            let claim = try #require(try catalog.queue.claim(by: "w"))
            try catalog.queue.retryLater(
                claim.lease, because: RenderFailure(code: "x", sentence: "It broke."), at: .now())
        }
        let listed = try ground.multires("jobs", "dead")
        #expect(listed.lines.count == 3)
        #expect(listed.lines.allSatisfy { $0.hasSuffix("\tIt broke.") }, listed.said)
        #expect(try ground.multires("jobs", "list", "--state", "ready").lines.isEmpty)
        #expect(try ground.multires("jobs", "retry").status == 1)
        let one = try ground.multires("jobs", "retry", images[0].id.text)
        #expect(one.text == "1 images are tried again\n", one.said)
        #expect(try ground.multires("jobs", "retry", images[0].id.text).status == 1)
        #expect(try ground.multires("jobs", "retry", "x").errors.contains("There is no image"))
        let rest = try ground.multires("jobs", "retry", "--dead")
        #expect(rest.text == "2 images are tried again\n", rest.said)
        #expect(try ground.multires("jobs", "list", "--state", "ready").lines.count == 3)
        #expect(try ground.multires("jobs", "dead").lines.isEmpty)
    }

    @Test("Sizes that were lost on the disk are made again when asked")
    func lost() throws {
        let images = try (0..<2).map { _ in try ground.image(of: owner) }
        #expect(try ground.multires("jobs", "retry", "--lost").text.hasPrefix("0 images"))
        unlink(ground.size(images[0]))
        #expect(try ground.multires("jobs", "retry", "--lost").text.hasPrefix("1 images"))
        #expect(try ground.catalog().images.image(images[0].id, of: owner)?.status == .pending)
        #expect(try ground.catalog().images.image(images[1].id, of: owner)?.status == .complete)
    }

    @Test("gc says what it does, --dry-run does nothing, and what is somebody's stays")
    func garbage() throws {
        let kept = try ground.image(of: owner, visibility: .public)
        #expect(try ground.multires("gc").text == "nothing to do\n")
        let stray = "\(ground.folders.originals)/ab/01890000-0000-7000-8000-0000000000ab.jpg"
        let half = "\(ground.folders.incoming)/half"
        for path in [stray, half] {
            _ = try Photos.write([1, 2, 3, 4, 5], to: path)
            _ = try Shell.check("touch", ["-d", "2 hours ago", path])
        }
        let young = "\(ground.folders.incoming)/young"
        _ = try Photos.write([1], to: young)
        unlink(ground.media.paths.publicLink(kept.id))

        let trial = try ground.multires("gc", "--dry-run")
        for line in [
            "1 left-overs of uploads and jobs removed, 5 bytes",
            "1 images without a row cleared away", "1 public links mended",
        ] {
            #expect(trial.lines.contains(line), trial.said)
        }
        #expect([stray, half].allSatisfy { FileManager.default.fileExists(atPath: $0) })
        #expect(try !ground.media.isLinked(kept.id))

        let done = try ground.multires("gc")
        #expect(done.lines == Array(trial.lines.dropFirst()), done.said)
        #expect([stray, half].allSatisfy { !FileManager.default.fileExists(atPath: $0) })
        #expect(
            FileManager.default.fileExists(
                atPath: "\(ground.folders.recovered)/01890000-0000-7000-8000-0000000000ab.jpg"))
        #expect(FileManager.default.fileExists(atPath: young))
        #expect(try ground.media.isLinked(kept.id))
        #expect(FileManager.default.fileExists(atPath: ground.original(kept)))
        #expect(try ground.multires("gc").text == "nothing to do\n")
    }

    @Test("stats counts what is there, for people and for programs")
    func stats() throws {
        try ground.image(of: owner, bytes: [1, 2, 3])
        try ground.image(of: owner, bytes: [4, 5], isComplete: false)
        let numbers = try JSONDecoder().decode(
            [String: Int64].self, from: Data(try ground.multires("stats", "--json").bytes))
        #expect(numbers["accounts"] == 1)
        #expect(numbers["images"] == 2)
        #expect(numbers["imagesComplete"] == 1)
        #expect(numbers["originalBytes"] == 5)
        #expect(numbers["queueWaiting"] == 1)
        #expect(try ground.multires("stats").lines.count == numbers.count)
    }
}
