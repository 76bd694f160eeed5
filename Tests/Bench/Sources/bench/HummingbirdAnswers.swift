import Foundation
import Support

/// Status answers of a complete image against what a Swift team would otherwise write: Hummingbird 2
/// with jwt-kit and GRDB, which checks a token, looks up session and image, and logs a line, too.
enum HummingbirdAnswers {
    static func run(in folder: TemporaryFolder) throws {
        let stack = try Stack()
        let client = try stack.account()
        let photos = try Photos.many(50, width: 320, height: 240, in: folder)
        try client.upload(all: photos, in: folder)
        try client.waitForComplete(photos.count, stack)
        guard let image = try client.get("/api/images?limit=1")["images"].array.first?["id"]?.string
        else { throw NotUp(description: "no image in the list") }
        let other = try HummingbirdStatus()
        defer { other.stop() }

        let load = Load(
            address: "\(stack.client.base)/api/images/\(image)/status", token: client.token)
        let theirLoad = Load(address: other.nginx.base + other.path, token: other.token)
        _ = try (load.run(), theirLoad.run())
        let (ours, theirs) = try inTurn(
            5, { try load.run().perSecond }, { try theirLoad.run().perSecond })
        try Report.add(
            Row(
                "status answers", unit: "/s", ours, "Hummingbird 2 with GRDB, same nginx", theirs,
                goal: .atLeast(1.1)))
        stack.stop()
    }
}
