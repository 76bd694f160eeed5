import Foundation
import Support
import Synchronization

/// Stacks that tests share; each test makes its own accounts. They stop at the end of the test run.
enum Stacks {
    /// - Parameter name: identifies the settings; stacks with other settings need another name.
    static func shared(
        _ gateway: Stack.Gateway, _ name: String = "", _ settings: [String: String] = [:]
    ) throws -> Stack {
        try running.withLock { stacks in
            let key = gateway.rawValue + name
            if let stack = stacks[key] { return stack }
            if stacks.isEmpty { atexit { Stacks.running.withLock { $0.removeAll() } } }
            let stack = try Stack(gateway, settings: settings)
            stacks[key] = stack
            return stack
        }
    }

    private static let running = Mutex<[String: Stack]>([:])
}

extension Client {
    /// Waits until the image is complete or failed.
    func finished(_ image: String) throws -> Answer {
        // When all threads that may wait are in use, the response comes at once.
        _ = try eventually(within: 200) {
            let status = try get("/api/images/\(image)/status?wait=20")["status"].string
            return !["pending", "processing"].contains(status)
        }
        return try get("/api/images/\(image)")
    }

    /// Uploads a photo and waits until it is complete or failed.
    func completed(_ photo: String, fields: [String: String] = [:]) throws -> Answer {
        let upload = try upload(photo, fields: fields)
        guard let image = upload["imageId"].string else {
            throw NoAnswer(description: "upload: \(upload.status) \(upload.text)")
        }
        return try finished(image)
    }
}

extension Stack {
    /// Paths of all originals, variants and public links, and of files in `incoming` and `trash`. Empty
    /// folders do not count.
    var storedFiles: [String] {
        ["originals", "media", "public", "incoming", "trash"].flatMap { part in
            TemporaryFolder.files(below: "\(data)/\(part)").map { "\(part)/\($0)" }
        }
    }
}

/// Width and height of an image file, as `640x480`.
func pixels(of file: String) throws -> String {
    let size = try Photos.size(of: file)
    return "\(size.width)x\(size.height)"
}
