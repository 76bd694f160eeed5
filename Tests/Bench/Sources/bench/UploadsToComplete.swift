import Foundation
import Support

/// Photos of 12 megapixels, from the first byte sent until the last image is complete, by one client that
/// sends four at a time. The baseline makes the same four sizes of the same files with one process per
/// core, without a server, a queue or a sync to disk.
enum UploadsToComplete {
    static let count = 48

    static func run(in folder: TemporaryFolder) throws {
        let photos = try Photos.many(count, width: 4032, height: 3024, in: folder)
        let stack = try Stack(settings: ["MULTIRES_SCRYPT": "ln=10,r=8,p=1"])
        let client = try stack.account()
        let started = Date()
        try client.upload(all: photos, in: folder)
        try client.waitForComplete(count, stack)
        let ours = Double(count) / Date().timeIntervalSince(started)
        stack.stop()

        let theirs = Double(count) / (try Baseline.seconds(sharpStyle: photos))
        try Report.add(
            Row(
                "uploads to complete, 12 MP", unit: "/s", [ours],
                "sharp-style, \(Baseline.cores) processes, files only", [theirs],
                goal: .atLeast(3.5)))
    }
}
