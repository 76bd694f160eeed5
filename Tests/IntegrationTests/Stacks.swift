import Foundation
import Support
import Synchronization

/// Stacks that tests share, each test with accounts of its own. They end with the test run.
enum Stacks {
    /// - Parameter name: stacks with other settings are other stacks.
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
        // Where few threads may wait, the answer comes at once.
        _ = try eventually(within: 200) {
            let status = try get("/api/images/\(image)/status?wait=20")["status"].string
            return !["pending", "processing"].contains(status)
        }
        return try get("/api/images/\(image)")
    }

    /// Uploads one photo and waits for its sizes.
    func completed(_ photo: String, fields: [String: String] = [:]) throws -> Answer {
        let upload = try upload(photo, fields: fields)
        guard let image = upload["imageId"].string else {
            throw NoAnswer(description: "upload: \(upload.status) \(upload.text)")
        }
        return try finished(image)
    }
}

extension Stack {
    /// Original and size files, and what is on its way in or out; empty folders do not count.
    var storedFiles: [String] {
        ["originals", "media", "public", "incoming", "trash"].flatMap { part in
            TemporaryFolder.files(below: "\(data)/\(part)").map { "\(part)/\($0)" }
        }
    }
}

/// Width and height as libvips reads them.
func pixels(of file: String) throws -> String {
    let size = try Photos.size(of: file)
    return "\(size.width)x\(size.height)"
}
