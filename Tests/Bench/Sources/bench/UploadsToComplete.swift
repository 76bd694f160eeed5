import Foundation
import Support

/// Photos of 12 megapixels, from the first byte sent until the last size is served, by one client
/// that sends four at a time. The baseline makes the same four sizes of the same files on as many
/// processes as there are cores, without a server, a queue or a sync to disk.
enum UploadsToComplete {
    static let count = 48

    static func run(in folder: TemporaryFolder) throws {
        let photos = try Photos.many(count, width: 4032, height: 3024, in: folder)
        let stack = try Stack(settings: ["MULTIRES_SCRYPT": "ln=10,r=8,p=1"])
        let client = try stack.account()
        let started = Date()
        let lines = photos.flatMap { photo in
            [
                "url = \"\(stack.client.base)/api/images/upload\"", "form = \"image=@\(photo)\"",
                "header = \"Authorization: Bearer \(client.token ?? "")\"", "output = /dev/null",
                "silent", "fail", "next",
            ]
        }
        let file = folder.file("curl.conf")
        try Data(lines.dropLast().joined(separator: "\n").utf8)
            .write(to: URL(fileURLWithPath: file))
        let curl = try Shell.run("curl", ["-Z", "--parallel-max", "4", "-K", file])
        guard curl.status == 0 else { throw NotUp(description: "curl: \(curl.errors)") }
        let complete = try eventually(within: 300) {
            try client.get("/api/images?limit=200&status=complete")["images"].array.count == count
        }
        guard complete else { throw NotUp(description: stack.logText) }
        let ours = Double(count) / Date().timeIntervalSince(started)
        stack.stop()

        let cores = ProcessInfo.processInfo.activeProcessorCount
        let begun = Date()
        let shares = (0..<cores).map { core in
            photos.enumerated().filter { $0.offset % cores == core }.map(\.element)
        }
        let workers = try shares.map {
            try Shell.Background(Baseline.path("sharp-style"), [folder.path] + $0, environment: [:])
        }
        for worker in workers { worker.wait() }
        let theirs = Double(count) / Date().timeIntervalSince(begun)
        row(
            "uploads to complete, 12 MP", ours, "sharp-style, \(cores) processes, files only",
            theirs, unit: "/s")
    }
}
