import Foundation
import Support

/// Two thousand photos through one worker and one set of resizers that are never replaced: their memory
/// in the end, compared with their memory after the first two hundred.
enum LongRun {
    static func run(in folder: TemporaryFolder) throws {
        let stack = try Stack(settings: ["MULTIRES_RENDERS_PER_RESIZER": "1000000"])
        let client = try stack.account()
        let photos = try Photos.many(2000, width: 1600, height: 1200, in: folder)
        try client.upload(all: Array(photos[..<200]), in: folder)
        try client.waitForComplete(200, stack)
        let early = stack.residentMegabytes
        try client.upload(all: Array(photos[200...]), in: folder)
        try client.waitForComplete(2000, stack)
        let late = stack.residentMegabytes
        stack.stop()
        for program in ["resize-worker", "resizer"] {
            try Report.add(
                Row(
                    "memory of \(program) after 2,000 images", unit: "MB",
                    [late[program] ?? .nan], "after 200", [early[program] ?? .nan], goal: .less))
        }
    }
}

extension Stack {
    /// The current resident set of the largest worker and of the largest resizer (proc(5), VmRSS), in MB.
    fileprivate var residentMegabytes: [String: Double] {
        megabytes(of: "VmRSS")
    }
}
