import Foundation
import Support

/// Two hundred photos of several formats and sizes that all wait when the worker begins: how much of the
/// cores' time is used for rendering. The baseline is the rate at which all cores would need the same
/// processor time without a pause.
enum MixedPhotos {
    static let count = 200

    static func run(in folder: TemporaryFolder) throws {
        let photos = try files(in: folder)
        let (seconds, processor) = try Stack.emptyQueue(of: photos, in: folder)
        let floor = Double(Baseline.cores) * Double(count) / processor
        try Report.add(
            Row(
                "\(count) mixed photos, deep queue", unit: "/s", [Double(count) / seconds],
                "\(Baseline.cores) cores / processor time per photo", [floor], goal: .more))
    }

    /// Of every four photos, a phone's JPEG, a camera's, one for the web, and a PNG or WebP.
    static func files(in folder: TemporaryFolder) throws -> [String] {
        let models = try [
            Photos.jpeg(width: 4032, height: 3024, in: folder),
            Photos.jpeg(width: 5600, height: 3150, in: folder),
            Photos.jpeg(width: 1600, height: 1200, in: folder),
            Photos.converted(to: "png", width: 1400, height: 1050, in: folder),
            Photos.jpeg(width: 4032, height: 3024, in: folder),
            Photos.jpeg(width: 3000, height: 2000, in: folder),
            Photos.jpeg(width: 2048, height: 1536, in: folder),
            Photos.converted(to: "webp", width: 2400, height: 1800, in: folder),
        ].map { (path: $0, bytes: try Photos.bytes(of: $0)) }
        return try (0..<count).map { number in
            let model = models[number % models.count]
            let kind = URL(fileURLWithPath: model.path).pathExtension
            // Bytes after the image, which decoders ignore, make each file different.
            return try Photos.write(
                model.bytes + Array("\(number)".utf8), to: folder.file("mixed-\(number).\(kind)"))
        }
    }
}

extension Client {
    /// Uploads all photos, four at a time.
    func upload(all photos: [String], in folder: TemporaryFolder) throws {
        let lines = photos.flatMap { photo in
            [
                "url = \"\(base)/api/images/upload\"", "form = \"image=@\(photo)\"",
                "header = \"Authorization: Bearer \(token ?? "")\"", "output = /dev/null",
                "silent", "fail", "next",
            ]
        }
        let file = folder.file("curl.conf")
        try Data(lines.dropLast().joined(separator: "\n").utf8)
            .write(to: URL(fileURLWithPath: file))
        let curl = try Shell.run("curl", ["-Z", "--parallel-max", "4", "-K", file])
        guard curl.status == 0 else { throw NotRunning(description: "curl: \(curl.errors)") }
    }

    /// Waits until no job is left. Throws when an image of the account has failed.
    func waitForComplete(_ count: Int, _ stack: Stack) throws {
        let complete = try eventually(within: 1200) {
            // More frequent polling would take processor time from what is measured.
            Thread.sleep(forTimeInterval: 0.25)
            let health = try get("/api/health")
            return health["queue"]["waiting"]?.int == 0 && health["queue"]["running"]?.int == 0
        }
        let failed = try get("/api/images?limit=1&status=failed")["images"].array.count
        guard complete, failed == 0 else { throw NotRunning(description: stack.logText) }
    }
}

extension Stack {
    /// Lets all photos wait before the worker begins. Returns the seconds until all are complete, and the processor
    /// seconds of the worker and its resizers.
    static func emptyQueue(
        of photos: [String], in folder: TemporaryFolder
    ) throws -> (seconds: Double, processor: Double) {
        let stack = try Stack()
        defer { stack.stop() }
        let client = try stack.account()
        let workers = stack.pids("resize-worker")
        for worker in workers { kill(worker, SIGSTOP) }
        try client.upload(all: photos, in: folder)
        let before = stack.processorSeconds
        let begun = Date()
        for worker in workers { kill(worker, SIGCONT) }
        try client.waitForComplete(photos.count, stack)
        return (Date().timeIntervalSince(begun), stack.processorSeconds - before)
    }

    /// User and system time of the worker and its resizers so far, including those that have exited
    /// (proc(5), stat).
    var processorSeconds: Double {
        let ticks = (pids("resize-worker") + pids("resizer")).reduce(0.0) { sum, pid in
            let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            // utime, stime, and of children waited for cutime, cstime: fields 14 to 17.
            return sum + fields.dropFirst(11).prefix(4).compactMap { Double($0) }.reduce(0, +)
        }
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
