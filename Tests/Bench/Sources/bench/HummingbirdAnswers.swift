import Foundation
import Support

/// Status responses of a complete image, compared with what a Swift team would otherwise write:
/// Hummingbird 2 with jwt-kit and GRDB, which also checks a token, looks up session and image, and logs a
/// line.
enum HummingbirdAnswers {
    static func run(in folder: TemporaryFolder) throws {
        let stack = try Stack()
        let (client, image) = try stack.gallery(of: 50, in: folder)
        let other = try HummingbirdStatus()
        defer { other.stop() }

        try Load(
            address: "\(stack.client.base)/api/images/\(image)/status", token: client.token
        ).compare(
            "status responses", "Hummingbird 2 with GRDB, same nginx",
            Load(address: other.nginx.base + other.path, token: other.token), goal: .atLeast(1.1))
        stack.stop()
    }
}
