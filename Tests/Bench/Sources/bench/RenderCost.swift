import Foundation
import Model
import ResizerClient
import Support

/// Processor time for the four sizes of a 12-megapixel JPEG, from file to files, on one thread. The
/// baselines are the usual way and the least that any program needs: decoding once and encoding four times.
enum RenderCost {
    private static let count = 12

    static func run(in folder: TemporaryFolder) throws {
        let photos = try Photos.many(count, width: 4032, height: 3024, in: folder)
        let made = try folder.folder("made")
        // In turn, so that a machine that slows down affects all equally.
        var ours: [Double] = []
        var theirs: [Double] = []
        var floor: [Double] = []
        for photo in photos {
            ours.append(
                try processorMilliseconds { try resize(photo, into: folder.folder("made")) })
            theirs.append(
                try processorMilliseconds {
                    try Shell.check(Baseline.path("sharp-style"), [folder.path, photo])
                })
            floor.append(try floorMilliseconds(photo, made, in: folder))
        }
        let what = "processor time, 12 MP JPEG to four"
        try Report.add(Row(what, unit: "ms", ours, "sharp-style", theirs, goal: .less))
        try Report.add(
            Row(what, unit: "ms", ours, "djpeg once, cjpeg four times", floor, goal: .less))
    }

    /// Renders one photo with the resizer program. Its start is included, as is that of `sharp-style`.
    static func resize(_ photo: String, into made: String) throws {
        let request = RenderRequest(
            original: photo, format: .jpeg, fit: .cover, folder: made, preset: .standard,
            limits: RenderLimits(
                pixels: 100_000_000, side: 16_384, animatedPixels: 20_000_000,
                interlacedPixels: 50_000_000, frames: 1000, scans: 100))
        let line = Array(try JSONEncoder().encode(request)) + [0x0A]
        let output = try Shell.run(Programs.path("resizer"), [], input: line)
        guard output.text.contains("rendered") else { throw NotRunning(description: output.text) }
    }

    private static func floorMilliseconds(
        _ photo: String, _ made: String, in folder: TemporaryFolder
    ) throws -> Double {
        let pixels = folder.file("floor.ppm")
        let decoding = try processorMilliseconds {
            try Shell.check("djpeg", ["-outfile", pixels, photo])
        }
        var encoding = 0.0
        for size in TemporaryFolder.files(below: made) {
            try Shell.check("djpeg", ["-outfile", pixels, "\(made)/\(size)"])
            encoding += try processorMilliseconds {
                try Shell.check(
                    "cjpeg", ["-quality", "80", "-outfile", folder.file("floor.jpg"), pixels])
            }
        }
        return decoding + encoding
    }
}

/// User and system time of the processes that `body` starts and waits for.
func processorMilliseconds(_ body: () throws -> Void) rethrows -> Double {
    func spent() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000
            + Double(microseconds) / 1000
    }
    let before = spent()
    try body()
    return spent() - before
}
