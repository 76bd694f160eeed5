import Foundation
import Support

/// Photos of 12 megapixels that all wait when the worker begins: the processor time of its resizers for each.
/// The baseline runs on the same cores at the same time as often as the service has resizers.
enum DeepQueue {
    private static let count = 60

    static func run(in folder: TemporaryFolder) throws {
        for (sampling, mode, goal) in [("4:2:0", "on", 1.0), ("4:4:4", "off", 1.05)] {
            let model = try Photos.converted(
                to: "jpg", width: 4032, height: 3024, options: "Q=90,subsample-mode=\(mode)",
                in: folder)
            let bytes = try Photos.bytes(of: model)
            let photos = try (0..<count).map { number in
                try Photos.write(
                    bytes + Array("\(number)".utf8), to: folder.file("deep-\(number).jpg"))
            }
            let ours = try Stack.emptyQueue(of: photos, in: folder).processor * 1000 / Double(count)
            try Report.add(
                Row(
                    "processor time of worker and resizers per 12 MP \(sampling) JPEG, deep queue",
                    unit: "ms", [ours], "\(Floor.name), \(Baseline.cores) at a time",
                    [try floorMilliseconds(model, in: folder)], goal: .atMost(goal)))
        }
    }

    /// One round on each core at the same time.
    private static func floorMilliseconds(
        _ photo: String, in folder: TemporaryFolder
    ) throws -> Double {
        let made = try folder.folder("made")
        try RenderCost.resize(photo, into: made)
        let pixels = try Floor.pixels(of: made, in: folder)
        let rounds = 10
        let script =
            (["djpeg -outfile \"$0.ppm\" '\(photo)'"]
            + pixels.map { "cjpeg -quality 80 -outfile \"$0.jpg\" '\($0)'" })
            .joined(separator: " && ")
        let spent = try processorMilliseconds {
            let shells = try (0..<Baseline.cores).map { core in
                try Shell.Background(
                    "/bin/sh",
                    [
                        "-c", "for round in $(seq \(rounds)); do \(script) || exit 1; done",
                        folder.file("core-\(core)"),
                    ],
                    environment: ProcessInfo.processInfo.environment)
            }
            for shell in shells { shell.wait() }
        }
        return spent / Double(rounds * Baseline.cores)
    }
}
