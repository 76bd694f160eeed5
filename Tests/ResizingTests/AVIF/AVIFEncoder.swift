import Dispatch
import Foundation
import Support
import Synchronization

/// Makes AVIF files with libavif's command (Debian's package libavif-bin).
enum AVIFEncoder {
    /// Every value of the file is exactly that of the PNG.
    static let lossless = ["--min", "0", "--max", "0", "--minalpha", "0", "--maxalpha", "0"]

    struct Job: Sendable {
        let png: String
        let options: [String]
    }

    static func file(
        _ png: String..., options: [String] = [], in folder: TemporaryFolder
    ) throws -> [UInt8] {
        let path = folder.file("\(UUID().uuidString).avif")
        try Shell.check("avifenc", ["-s", "10"] + options + png + ["-o", path])
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try Photos.bytes(of: path)
    }

    /// Encodes with one process per core at a time.
    static func files(_ jobs: [Job], in folder: TemporaryFolder) throws -> [[UInt8]] {
        let made = Mutex([Int: Result<[UInt8], any Error>]())
        DispatchQueue.concurrentPerform(iterations: jobs.count) { index in
            let result = Result {
                try file(jobs[index].png, options: jobs[index].options, in: folder)
            }
            made.withLock { $0[index] = result }
        }
        let results = made.withLock { $0 }
        // `!` because every iteration has set its result.
        return try jobs.indices.map { try results[$0]!.get() }
    }

    /// - Parameters:
    ///   - frames: PNGs of one size.
    ///   - delays: of each frame, in hundredths of a second.
    static func animation(
        _ frames: [String], delays: [Int], options: [String] = [], in folder: TemporaryFolder
    ) throws -> [UInt8] {
        let path = folder.file("\(UUID().uuidString).avif")
        let inputs = zip(frames, delays).flatMap { ["--duration", "\($1)", $0] }
        try Shell.check(
            "avifenc", ["-s", "10", "--timescale", "100", "-o", path] + options + inputs)
        return try Photos.bytes(of: path)
    }
}
