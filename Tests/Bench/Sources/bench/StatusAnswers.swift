import Foundation
import Support

/// Status responses of a complete image, and lists of 50 images, including token check, session look-up,
/// signed URLs and log lines. The baseline is a C program that answers with a constant.
enum StatusAnswers {
    static func run(in folder: TemporaryFolder) throws {
        let stack = try Stack()
        let (client, image) = try stack.gallery(of: 50, in: folder)
        let empty = try EmptyResponder()
        defer { empty.stop() }

        func compare(_ what: String, _ path: String, goal: Goal) throws {
            try Load(address: stack.client.base + path, token: client.token).compare(
                what, "empty C responder, same nginx",
                Load(address: empty.base + path, token: client.token), goal: goal)
        }
        try compare("status responses", "/api/images/\(image)/status", goal: .atLeast(0.6))
        try compare("lists of 50", "/api/images?limit=50", goal: .atLeast(0.15))
        stack.stop()
    }
}

extension Stack {
    /// The client of an account with `count` complete images, and the id of the newest one.
    func gallery(of count: Int, in folder: TemporaryFolder) throws -> (Client, image: String) {
        let client = try account()
        let photos = try Photos.many(count, width: 320, height: 240, in: folder)
        try client.upload(all: photos, in: folder)
        try client.waitForComplete(photos.count, self)
        guard let image = try client.get("/api/images?limit=1")["images"].array.first?["id"]?.string
        else { throw NotRunning(description: "no image in the list") }
        return (client, image)
    }
}
