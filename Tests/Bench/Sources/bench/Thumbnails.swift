import Foundation
import Support

/// A private thumbnail for 64 clients at once while both cores render photos of 12 MP, as when a gallery
/// is viewed while an album is being uploaded. The baseline is the same with rendering paused.
enum Thumbnails {
    /// More photos than are rendered during the measurement.
    private static let waiting = 400

    static func run(in folder: TemporaryFolder) throws {
        let stack = try Stack(settings: ["MULTIRES_QUOTA_BYTES": "10GB"])
        let client = try stack.account()
        let photos = try Photos.many(waiting, width: 4032, height: 3024, in: folder)
        let image = try client.upload(photos[0])["imageId"].string ?? ""
        _ = try client.get("/api/images/\(image)/status?wait=20")
        let detail = try client.get("/api/images/\(image)")
        guard let address = detail["sizes"]["thumbnail"]?["url"]?.string else {
            throw NotRunning(description: detail.text)
        }
        stack.pauseRendering()
        try client.upload(all: Array(photos[1...]), in: folder)

        let load = Load(address: address, connections: 64, seconds: 2)
        _ = try load.run()
        let (busy, idle) = try inTurn(
            9,
            {
                stack.resumeRendering()
                defer { stack.pauseRendering() }
                return try load.run().slowest
            }, { try load.run().slowest })
        let left = try client.get("/api/health")["queue"]["waiting"]?.int ?? 0
        guard left > 0 else { throw NotRunning(description: "nothing left to render") }
        try Report.add(
            Row(
                "thumbnail during rendering, 64 connections, p99", unit: "ms", busy,
                "with rendering stopped", idle, goal: .atMost(2)))
        stack.resumeRendering()
        stack.stop()
    }
}

extension Stack {
    private var renderers: [pid_t] { pids("resize-worker") + pids("resizer") }

    /// Pauses the worker and its resizers until `resumeRendering`. No job fails because of that.
    func pauseRendering() {
        for pid in renderers { kill(pid, SIGSTOP) }
    }

    func resumeRendering() {
        for pid in renderers { kill(pid, SIGCONT) }
    }
}
