import DiskMedia
import Foundation
import Media
import Model
import SQLiteCatalog
import Support
import Testing

/// `multires jobs`, `gc` and `stats`.
@Suite struct MaintenanceTests {
    private let harness: CommandHarness
    private let owner: Identifier<Account>

    init() throws {
        harness = try CommandHarness()
        owner = try harness.account()
    }

    @Test("Dead jobs are listed with the reason, and can be retried")
    func dead() throws {
        let images = try (0..<3).map { _ in try harness.image(of: owner, isComplete: false) }
        let catalog = try harness.catalog(JobRules(attempts: 1))
        for _ in images {
            let claim = try #require(try catalog.queue.claim(by: "w"))
            try catalog.queue.retryLater(
                claim.lease, because: RenderFailure(code: "x", sentence: "It broke."), at: .now())
        }
        let listed = try harness.multires("jobs", "dead")
        #expect(listed.lines.count == 3)
        #expect(listed.lines.allSatisfy { $0.hasSuffix("\tIt broke.") }, listed.said)
        #expect(try harness.multires("jobs", "list", "--state", "ready").lines.isEmpty)
        #expect(try harness.multires("jobs", "retry").status == 1)
        let one = try harness.multires("jobs", "retry", images[0].id.text)
        #expect(one.text == "1 image queued for another attempt\n", one.said)
        #expect(try harness.multires("jobs", "retry", images[0].id.text).status == 1)
        #expect(try harness.multires("jobs", "retry", "x").errors.contains("No image has the id"))
        let rest = try harness.multires("jobs", "retry", "--dead")
        #expect(rest.text == "2 images queued for another attempt\n", rest.said)
        #expect(try harness.multires("jobs", "list", "--state", "ready").lines.count == 3)
        #expect(try harness.multires("jobs", "dead").lines.isEmpty)
    }

    @Test("Lost variants can be rendered again")
    func lost() throws {
        let images = try (0..<2).map { _ in try harness.image(of: owner) }
        #expect(try harness.multires("jobs", "retry", "--lost").text.hasPrefix("0 images"))
        unlink(harness.size(images[0]))
        #expect(try harness.multires("jobs", "retry", "--lost").text.hasPrefix("1 image "))
        #expect(try harness.catalog().images.image(images[0].id, of: owner)?.status == .pending)
        #expect(try harness.catalog().images.image(images[1].id, of: owner)?.status == .complete)
    }

    @Test("gc removes only unneeded files and reports them, and --dry-run removes nothing")
    func garbage() throws {
        let kept = try harness.image(of: owner, visibility: .public)
        #expect(try harness.multires("gc").text == "nothing to do\n")
        let stray = "\(harness.folders.originals)/ab/01890000-0000-7000-8000-0000000000ab.jpg"
        let half = "\(harness.folders.incoming)/half"
        for path in [stray, half] {
            _ = try Photos.write([1, 2, 3, 4, 5], to: path)
            _ = try Shell.check("touch", ["-d", "2 hours ago", path])
        }
        let young = "\(harness.folders.incoming)/young"
        _ = try Photos.write([1], to: young)
        unlink(harness.media.paths.publicLink(kept.id))

        let trial = try harness.multires("gc", "--dry-run")
        for line in [
            "leftovers of uploads and jobs removed: 1, 5 bytes",
            "images without a row cleaned up: 1", "public links repaired: 1",
        ] {
            #expect(trial.lines.contains(line), trial.said)
        }
        #expect([stray, half].allSatisfy { FileManager.default.fileExists(atPath: $0) })
        #expect(try !harness.media.isLinked(kept.id))

        let done = try harness.multires("gc")
        #expect(done.lines == Array(trial.lines.dropFirst()), done.said)
        #expect([stray, half].allSatisfy { !FileManager.default.fileExists(atPath: $0) })
        #expect(
            FileManager.default.fileExists(
                atPath: "\(harness.folders.recovered)/01890000-0000-7000-8000-0000000000ab.jpg"))
        #expect(FileManager.default.fileExists(atPath: young))
        #expect(try harness.media.isLinked(kept.id))
        #expect(FileManager.default.fileExists(atPath: harness.original(kept)))
        #expect(try harness.multires("gc").text == "nothing to do\n")
    }

    @Test("stats prints the same counts as text and as JSON")
    func stats() throws {
        try harness.image(of: owner, bytes: [1, 2, 3])
        try harness.image(of: owner, bytes: [4, 5], isComplete: false)
        let numbers = try JSONDecoder().decode(
            [String: Int64].self, from: Data(try harness.multires("stats", "--json").bytes))
        #expect(numbers["accounts"] == 1)
        #expect(numbers["images"] == 2)
        #expect(numbers["imagesComplete"] == 1)
        #expect(numbers["originalBytes"] == 5)
        #expect(numbers["queueWaiting"] == 1)
        #expect(try harness.multires("stats").lines.count == numbers.count)
    }
}
