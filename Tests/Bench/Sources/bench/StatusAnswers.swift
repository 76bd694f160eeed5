import Foundation
import Support

/// Status answers of a complete image, and lists of 50 images: token check, session look-up, signed
/// links and log lines included. The baseline is a C program that answers a constant.
enum StatusAnswers {
    static func run(in folder: TemporaryFolder) throws {
        let stack = try Stack()
        let client = try stack.account()
        let photos = try Photos.many(50, width: 320, height: 240, in: folder)
        try client.upload(all: photos, in: folder)
        try client.waitForComplete(photos.count, stack)
        guard let image = try client.get("/api/images?limit=1")["images"].array.first?["id"]?.string
        else { throw NotUp(description: "no image in the list") }
        let empty = try EmptyResponder()
        defer { empty.stop() }

        func compare(_ what: String, _ path: String, goal: Goal) throws {
            let load = Load(address: stack.client.base + path, token: client.token)
            let ceiling = Load(address: empty.base + path, token: client.token)
            _ = try (load.run(), ceiling.run())
            let (ours, theirs) = try inTurn(
                5, { try load.run().perSecond }, { try ceiling.run().perSecond })
            try Report.add(
                Row(
                    what, unit: "/s", ours, "empty C responder, same nginx", theirs, goal: goal))
        }
        try compare("status answers", "/api/images/\(image)/status", goal: .atLeast(0.6))
        try compare("lists of 50", "/api/images?limit=50", goal: .atLeast(0.15))
        stack.stop()
    }
}
