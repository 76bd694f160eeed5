import Foundation
import Support

/// The time from the last byte of an upload until its variants exist, on an idle service. The baseline is
/// the time that the resizer alone takes for the same photo.
enum Latency {
    private static let count = 20

    static func run(in folder: TemporaryFolder) throws {
        let photos = try Photos.many(count, width: 4032, height: 3024, in: folder)
        let stack = try Stack()
        let client = try stack.account()
        for photo in photos {
            let image = try client.upload(photo)["imageId"].string ?? ""
            _ = try client.get("/api/images/\(image)/status?wait=20")
        }
        let jobs = stack.logText.matches(
            of: /attempt 1: 4 sizes, claimed after ([0-9]+) ms, took ([0-9]+) ms/)
        let claims = jobs.compactMap { Double($0.1) }.sorted()
        let complete = jobs.compactMap { job in
            Double(job.1).flatMap { claim in Double(job.2).map { claim + $0 } }
        }.sorted()
        guard complete.count == count else { throw NotRunning(description: stack.logText) }
        let memory = stack.peakMegabytes
        stack.stop()

        var alone: [Double] = []
        for photo in photos {
            let made = try folder.folder("alone")
            let begun = Date()
            try RenderCost.resize(photo, into: made)
            alone.append(Date().timeIntervalSince(begun) * 1000)
        }
        try Report.add(
            Row(
                "upload stored to complete, idle", unit: "ms", complete,
                "the resizer as a program, its start included", alone, goal: .less))
        try Report.add(
            Row(
                "upload stored to job claimed, idle, slowest of \(count)", unit: "ms",
                [claims.last ?? .nan], "the goal", [50], goal: .atMost(1)))
        for (program, megabytes) in memory.sorted(by: { $0.key < $1.key }) {
            try Report.add(
                Row(
                    "peak memory of \(program), 12 MP", unit: "MB", [megabytes], "the goal",
                    [program == "resizer" ? 60 : 30], goal: .atMost(1)))
        }
    }
}

extension Stack {
    /// The highest resident set of the worker and of a resizer so far (proc(5), VmHWM), in MB.
    fileprivate var peakMegabytes: [String: Double] { megabytes(of: "VmHWM") }

    /// A field of the largest worker and of the largest resizer, in MB.
    ///
    /// - Parameter field: one of /proc/PID/status that is in kB (proc(5)).
    func megabytes(of field: String) -> [String: Double] {
        var found: [String: Double] = [:]
        for program in ["resize-worker", "resizer"] {
            for pid in pids(program) {
                found[program] = max(
                    found[program] ?? 0, bench.megabytes("status", field, of: pid))
            }
        }
        return found
    }
}
