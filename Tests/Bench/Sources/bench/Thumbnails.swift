import Foundation
import Support

/// A private thumbnail for 64 clients at once while both cores resize photos of 12 MP, as a gallery
/// is looked at while an album comes in. The baseline is the same with the resizing stopped.
enum Thumbnails {
    /// More than are made meanwhile.
    private static let waiting = 400

    static func run(in folder: TemporaryFolder) throws {
        let stack = try Stack(settings: ["MULTIRES_QUOTA_BYTES": "10GB"])
        let client = try stack.account()
        let photos = try Photos.many(waiting, width: 4032, height: 3024, in: folder)
        let image = try client.upload(photos[0])["imageId"].string ?? ""
        _ = try client.get("/api/images/\(image)/status?wait=20")
        let detail = try client.get("/api/images/\(image)")
        guard let address = detail["sizes"]["thumbnail"]?["url"]?.string else {
            throw NotUp(description: detail.text)
        }
        stack.pauseResizing()
        try client.upload(all: Array(photos[1...]), in: folder)

        let load = Load(address: address, connections: 64, seconds: 2)
        _ = try load.run()
        let (busy, idle) = try inTurn(
            9,
            {
                stack.resumeResizing()
                defer { stack.pauseResizing() }
                return try load.run().slowest
            }, { try load.run().slowest })
        let left = try client.get("/api/health")["queue"]["waiting"]?.int ?? 0
        guard left > 0 else { throw NotUp(description: "nothing left to resize") }
        try Report.add(
            Row(
                "thumbnail while resizing, 64 connections, p99", unit: "ms", busy,
                "with resizing stopped", idle, goal: .atMost(2)))
        stack.resumeResizing()
        stack.stop()
    }
}

extension Stack {
    private var resizing: [pid_t] { pids("resize-worker") + pids("resizer") }

    /// What is being resized stands still, and the worker does not mind.
    func pauseResizing() {
        for pid in resizing { kill(pid, SIGSTOP) }
    }

    func resumeResizing() {
        for pid in resizing { kill(pid, SIGCONT) }
    }
}
