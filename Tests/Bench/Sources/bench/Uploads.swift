import Foundation
import Support

/// Photos that are stored durably: received, checked, hashed, file and folder synced, rows committed;
/// rendering is paused. Large photos are compared with nginx's own DAV, which syncs nothing, small ones with
/// a C program that makes the same files and syncs, and one commit each.
enum Uploads {
    static func run(in folder: TemporaryFolder) throws {
        let stack = try Stack(settings: [
            "MULTIRES_QUOTA_BYTES": "1000GB", "MULTIRES_QUOTA_IMAGES": "10000000",
            "MULTIRES_ACCOUNT_QUEUE": "1000000", "MULTIRES_QUEUE": "10000000",
        ])
        let client = try stack.account()
        stack.pauseRendering()
        let ours = Load(address: stack.client.base + "/api/images/upload", token: client.token)

        let dav = try PlainNginx(
            server: """
                client_max_body_size 200m;
                location / { root files; dav_methods PUT; }
                """, in: TemporaryFolder())
        _ = try dav.folder.folder("files")
        let large = try Photos.jpeg(width: 4300, height: 3225, in: folder)
        // As a web page sends it, and as `curl -F` does.
        for kind in [Kind.raw, .form] {
            try compare(
                large, kind, 4, ours,
                "nginx's DAV PUT, which syncs nothing", Load(address: dav.base + "/"), .put,
                goal: .atLeast(0.75)
            ) {
                // A round leaves a gigabyte, and the last files may appear after the clients have exited.
                let old = dav.folder.file("files")
                _ = eventually { (try? FileManager.default.removeItem(atPath: old)) != nil }
                _ = try dav.folder.folder("files")
            }
        }
        dav.stop()

        let floor = try StoredUpload()
        try compare(
            Photos.jpeg(width: 448, height: 336, in: folder), .form, 32, ours,
            "C program: same syncs, one commit each", Load(address: floor.base + "/"), .raw,
            goal: .atLeast(0.6))
        floor.stop()
        stack.resumeRendering()
        stack.stop()
    }

    /// The kinds of requests that `uploads.lua` sends.
    private enum Kind: String { case form, raw, put }

    private static func compare(
        _ photo: String, _ ourKind: Kind, _ connections: Int, _ ours: Load, _ baseline: String,
        _ theirs: Load, _ theirKind: Kind, goal: Goal, cleanUp: () throws -> Void = {}
    ) throws {
        func load(_ load: Load, _ kind: Kind) throws -> Double {
            // No round begins with data that another one left to be written.
            sync()
            var load = load
            load.connections = connections
            load.seconds = 2
            load.script = [script, "--", kind.rawValue, photo, UUID().uuidString]
            return try load.run().perSecond
        }
        _ = try (load(ours, ourKind), load(theirs, theirKind))
        let figures = try inTurn(
            5,
            {
                try cleanUp()
                return try load(ours, ourKind)
            }, { try load(theirs, theirKind) })
        let kilobytes = try Photos.bytes(of: photo).count / 1000
        try Report.add(
            Row(
                "photo of \(kilobytes) KB, \(ourKind) body, \(connections) at once", unit: "/s",
                figures.ours, baseline, figures.theirs, goal: goal))
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("uploads.lua").path
}
