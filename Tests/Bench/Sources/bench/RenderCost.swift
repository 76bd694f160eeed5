import Foundation
import Model
import ResizerClient
import Support

/// Processor time for the four sizes of a 12-megapixel JPEG, from file to files, on one thread. The baselines
/// are the usual way, and decoding once and encoding four times with libjpeg's own programs.
enum RenderCost {
    private static let count = 12

    /// With colours at half resolution, as most cameras write them, and at full resolution.
    private static let samplings = [("4:2:0", "on"), ("4:4:4", "off")]

    static func run(in folder: TemporaryFolder) throws {
        for (sampling, mode) in samplings {
            let photo = try Photos.converted(
                to: "jpg", width: 4032, height: 3024, options: "Q=90,subsample-mode=\(mode)",
                in: folder)
            try measure(photo, "12 MP \(sampling) JPEG to four", in: folder)
        }
        for megapixels in [12, 24] {
            let height = megapixels == 12 ? 3024 : 4000
            let photo = try Photos.jpeg(width: height * 4 / 3, height: height, in: folder)
            let resizer = try WarmResizer()
            for _ in 0..<5 { try resizer.render(photo, into: folder.folder("made")) }
            try Report.add(
                Row(
                    "peak memory of a resizer, \(megapixels) MP JPEG", unit: "MB",
                    [megabytes("status", "VmHWM", of: resizer.pid)], "the goal", [60],
                    goal: .atMost(1)))
        }
    }

    private static func measure(
        _ photo: String, _ what: String, in folder: TemporaryFolder
    ) throws {
        let made = try folder.folder("made")
        let resizer = try WarmResizer()
        try resizer.render(photo, into: made)
        var warm: [Double] = []
        var started: [Double] = []
        var floor: [Double] = []
        var sharpStyle: [Double] = []
        // In turn, so that a machine that slows down affects all equally.
        for _ in 0..<count {
            warm.append(try resizer.render(photo, into: made))
            floor.append(try Floor.milliseconds(photo, made, in: folder))
            started.append(try processorMilliseconds { try resize(photo, into: made) })
            sharpStyle.append(try sharpStyleMilliseconds(photo))
        }
        let is420 = what.contains("4:2:0")
        let what = "processor time, \(what)"
        try Report.add(
            Row(
                "\(what), warm", unit: "ms", warm, Floor.name, floor,
                goal: .atMost(is420 ? 0.9 : 1)))
        try Report.add(
            Row(
                "\(what), start included", unit: "ms", started, Floor.name, floor,
                goal: .atMost(1.25)))
        try Report.add(
            Row(
                "\(what), warm", unit: "ms", warm, "sharp-style, warm", sharpStyle,
                goal: .atMost(0.2)))
    }

    /// Renders one photo with the resizer program.
    static func resize(_ photo: String, into made: String) throws {
        let line = try WarmResizer.line(photo, into: made)
        let output = try Shell.run(Programs.path("resizer"), [], input: line)
        guard output.text.contains("rendered") else { throw NotRunning(description: output.text) }
    }

    /// The time of one photo after the first.
    private static func sharpStyleMilliseconds(_ photo: String) throws -> Double {
        func spent(_ count: Int) throws -> Double {
            let folder = TemporaryFolder()
            let photos = try (0..<count).map { number in
                let link = folder.file("\(number).jpg")
                try FileManager.default.createSymbolicLink(
                    atPath: link, withDestinationPath: photo)
                return link
            }
            let output = try Shell.check(
                Baseline.path("sharp-style"), [folder.folder("made")] + photos)
            return Double(output.lines.first ?? "") ?? .nan
        }
        return try (spent(3) - spent(1)) / 2
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
