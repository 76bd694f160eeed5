import Foundation
import Model
import Support
import Testing

/// Where no worker stays (MULTIRES_WORKER=drain), commands that make work start one, without cron.
@Suite struct DrainTests {
    private let folder = TemporaryFolder()
    private let email = "ada@example.org"

    /// Two photos in an account, complete.
    private func filled() throws -> (Ground, Identifier<Account>) {
        let ground = try Ground(["MULTIRES_WORKER": "drain"])
        let owner = try ground.account(email)
        let album = try folder.folder("album")
        for photo in try Photos.many(2, width: 320, height: 240, in: folder) {
            try FileManager.default.moveItem(
                atPath: photo, toPath: "\(album)/\(UUID().uuidString).jpg")
        }
        let output = try ground.multires("images", "import", album, "--account", email)
        #expect(output.lines.last == "2 imported, 0 were there already, 0 not taken", output.said)
        try complete(ground, owner) { $0.count == 2 }
        return (ground, owner)
    }

    private func complete(
        _ ground: Ground, _ owner: Identifier<Account>, _ areDone: ([Image]) -> Bool
    ) throws {
        let catalog = try ground.catalog()
        let done = try eventually {
            let images = try catalog.images.list(of: owner, where: ImageFilter(status: .complete))
            return areDone(images)
        }
        #expect(done, "nobody has made the sizes")
    }

    @Test("An import is rendered")
    func imports() throws {
        _ = try filled()
    }

    @Test("Lost sizes are made again")
    func retry() throws {
        let (ground, owner) = try filled()
        let image = try #require(
            try ground.catalog().images.list(of: owner, where: ImageFilter()).first)
        let size = ground.size(image)
        try FileManager.default.removeItem(atPath: size)
        let output = try ground.multires("jobs", "retry", "--lost")
        #expect(output.lines.last == "1 images are tried again", output.said)
        #expect(eventually { FileManager.default.fileExists(atPath: size) })
    }

    @Test("Images get the sizes of a changed preset")
    func rerender() throws {
        let (ground, owner) = try filled()
        let preset = #"{"sizes": [{"name": "thumbnail", "width": 100, "height": 80}]}"#
        try Data(preset.utf8).write(
            to: URL(fileURLWithPath: ground.folders.root + "/presets.json"))
        let output = try ground.multires("presets", "apply", "--wait")
        #expect(output.status == 0, output.said)
        try complete(ground, owner) { $0.allSatisfy { $0.variants.map(\.pixels.height) == [80] } }
    }
}
