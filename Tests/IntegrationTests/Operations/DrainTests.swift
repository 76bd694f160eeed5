import Foundation
import Model
import Support
import Testing

/// With MULTIRES_WORKER=drain, commands that add jobs start a worker, without cron.
@Suite struct DrainTests {
    private let folder = TemporaryFolder()
    private let email = "ada@example.org"

    /// An account with two complete images.
    private func filled() throws -> (CommandHarness, Identifier<Account>) {
        let harness = try CommandHarness(["MULTIRES_WORKER": "drain"])
        let owner = try harness.account(email)
        let album = try folder.folder("album")
        for photo in try Photos.many(2, width: 320, height: 240, in: folder) {
            try FileManager.default.moveItem(
                atPath: photo, toPath: "\(album)/\(UUID().uuidString).jpg")
        }
        let output = try harness.multires("images", "import", album, "--account", email)
        #expect(output.lines.last == "2 imported, 0 already present, 0 not accepted", output.said)
        try complete(harness, owner) { $0.count == 2 }
        return (harness, owner)
    }

    private func complete(
        _ harness: CommandHarness, _ owner: Identifier<Account>, _ areDone: ([Image]) -> Bool
    ) throws {
        let catalog = try harness.catalog()
        let done = try eventually {
            let images = try catalog.images.list(of: owner, where: ImageFilter(status: .complete))
            return areDone(images)
        }
        #expect(done, "the variants were not rendered")
    }

    @Test("Without a daemon, imported images are rendered")
    func imports() throws {
        _ = try filled()
    }

    @Test("Without a daemon, lost variants are rendered again")
    func retry() throws {
        let (harness, owner) = try filled()
        let image = try #require(
            try harness.catalog().images.list(of: owner, where: ImageFilter()).first)
        let size = harness.size(image)
        try FileManager.default.removeItem(atPath: size)
        let output = try harness.multires("jobs", "retry", "--lost")
        #expect(output.lines.last == "1 image queued for another attempt", output.said)
        #expect(eventually { FileManager.default.fileExists(atPath: size) })
    }

    @Test("Without a daemon, images are rendered with a changed preset")
    func rerender() throws {
        let (harness, owner) = try filled()
        let preset = #"{"sizes": [{"name": "thumbnail", "width": 100, "height": 80}]}"#
        try Data(preset.utf8).write(
            to: URL(fileURLWithPath: harness.folders.root + "/presets.json"))
        let output = try harness.multires("presets", "apply", "--wait")
        #expect(output.status == 0, output.said)
        try complete(harness, owner) { $0.allSatisfy { $0.variants.map(\.pixels.height) == [80] } }
    }
}
