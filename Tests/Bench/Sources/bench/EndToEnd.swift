import Foundation
import Model
import Support

/// Two hundred photos of several formats and sizes by one client that sends four at a time, from the
/// first byte sent until the last size is served. The baselines make the same sizes of the same files,
/// which are already on their disk: thumbor on request over HTTP, and `sharp-style` without a server, a
/// queue or a sync.
enum EndToEnd {
    static func run(in folder: TemporaryFolder) throws {
        let photos = try MixedPhotos.files(in: folder)
        let what = "\(photos.count) mixed photos, end to end"
        let stack = try Stack()
        let client = try stack.account()
        let begun = Date()
        try client.upload(all: photos, in: folder)
        try client.waitForComplete(photos.count, stack)
        try client.fetchLatest()
        let ours = Double(photos.count) / Date().timeIntervalSince(begun)
        stack.stop()

        let sharpStyle = Double(photos.count) / (try Baseline.seconds(sharpStyle: photos))
        try Report.add(
            Row(
                what, unit: "/s", [ours], "sharp-style, \(Baseline.cores) processes, files only",
                [sharpStyle], goal: .atLeast(1.8)))
        for (encoding, name, goal) in [
            (Thumbor.Encoding.own, "thumbor", Goal.atLeast(5)),
            (.ours, "thumbor, plain JPEG, cubic, PNG level 3", .more),
        ] {
            let thumbor = try Thumbor(photos: folder.path, encoding)
            let theirs = try thumbor.seconds(photos: photos, sizes: Preset.standard.sizes)
            thumbor.stop()
            try Report.add(
                Row(
                    what, unit: "/s", [ours], "\(name), \(Baseline.cores) processes",
                    [Double(photos.count) / theirs], goal: goal))
        }
    }
}

extension Client {
    /// Fetches every size of the newest image.
    fileprivate func fetchLatest() throws {
        let newest = try get("/api/images?limit=1")["images"].array.first?["id"]?.string ?? ""
        let sizes = try get("/api/images/\(newest)")["sizes"]
        for name in sizes.names {
            let status = try get(sizes[name]?["url"]?.string ?? "").status
            guard status == 200 else {
                throw NotRunning(description: "\(name) of \(newest): \(status)")
            }
        }
        guard sizes.names.count == 5 else { throw NotRunning(description: "no sizes of \(newest)") }
    }
}
