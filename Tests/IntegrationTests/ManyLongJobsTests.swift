import Foundation
import Support
import Testing

/// Slow images of so many accounts that every worker thread renders one, including the spare threads.
@Suite(.serialized) struct ManyLongJobsTests {
    /// libaom's slowest speed: 1200 x 1200 pixels take a minute, 64 x 48 a moment.
    private static let preset = """
        {"sizes": [{"name": "thumbnail", "width": 1000, "height": 1000, "format": "avif"},
                   {"name": "large", "width": 1200, "height": 1200, "format": "avif"}],
         "encoders": {"avif": {"quality": 90, "effort": 9}}}
        """

    @Test(
        "While slow images of six accounts render, a seventh account's photo completes first",
        // With one resizer: WorkerTests.occupancy, and `make soak`.
        arguments: Fuzz.isLong ? [1, 2] : [2])
    func seventh(_ resizers: Int) throws {
        let folder = TemporaryFolder()
        let data = try folder.folder("data")
        try Data(Self.preset.utf8).write(to: URL(fileURLWithPath: data + "/presets.json"))
        let stack = try Stack(
            in: folder,
            settings: [
                "MULTIRES_RESIZERS": "\(resizers)", "MULTIRES_RESIZER_IDLE": "10m",
                "MULTIRES_RENDER_SECONDS": "3000", "MULTIRES_SLOW_RENDER": "1s",
            ])
        let photos = try Photos.many(3, width: 1200, height: 1200, in: folder)
        let single = try stack.account()
        var long: [(client: Client, image: String)] = []
        for _ in 0..<6 {
            let client = try stack.account()
            for photo in photos {
                long.append((client, try #require(try client.upload(photo)["imageId"].string)))
            }
        }
        func count(_ states: Set<String>) throws -> Int {
            try long.count { client, image in
                let status = try client.get("/api/images/\(image)/status")["status"].string
                return status.map(states.contains) ?? false
            }
        }
        let areAllBusy = try eventually(within: 300, every: 0.2) {
            try count(["processing"]) == resizers + 2
        }
        #expect(areAllBusy, "\(stack.logText)")

        let photo = try Photos.jpeg(width: 64, height: 48, in: folder)
        let image = try #require(try single.upload(photo)["imageId"].string)
        // The limit is only against hanging: other programs have priority over resizers.
        _ = try eventually(within: 900, every: 0.2) {
            let status = try single.get("/api/images/\(image)/status?wait=20")["status"].string
            return !["pending", "processing"].contains(status)
        }
        #expect(try count(["complete", "failed"]) == 0, "\(stack.logText)")
        let detail = try single.get("/api/images/\(image)")
        #expect(detail["status"].string == "complete", "\(detail.text)\n\(stack.logText)")
        // A job that was released waits, and has used no attempt.
        #expect(stack.logText.contains(": released, "))
        for (client, image) in long {
            #expect(try client.get("/api/images/\(image)")["attempts"].int ?? 0 <= 1)
        }
    }
}
