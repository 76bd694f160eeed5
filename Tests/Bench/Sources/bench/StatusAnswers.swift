import Foundation
import Support

/// Status answers of a complete image, and lists of 50 images: token check, session look-up, signed
/// links and log lines included. The baseline is a C program that answers a constant.
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
        try compare("status answers", "/api/images/\(image)/status", goal: .atLeast(0.6))
        try compare("lists of 50", "/api/images?limit=50", goal: .atLeast(0.15))
        stack.stop()
    }
}

extension Stack {
    /// An account with so many complete images, and the newest of them.
    func gallery(of count: Int, in folder: TemporaryFolder) throws -> (Client, image: String) {
        let client = try account()
        let photos = try Photos.many(count, width: 320, height: 240, in: folder)
        try client.upload(all: photos, in: folder)
        try client.waitForComplete(photos.count, self)
        guard let image = try client.get("/api/images?limit=1")["images"].array.first?["id"]?.string
        else { throw NotUp(description: "no image in the list") }
        return (client, image)
    }
}
