import Foundation
import Support

/// Programs to compare with. Those that this package builds are in the folder of this program.
enum Baseline {
    static let cores = ProcessInfo.processInfo.activeProcessorCount

    static func path(_ name: String) -> String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent(name).path
    }

    /// Seconds that one `sharp-style` process per core takes for all these photos together: each takes the
    /// next photo that is not taken, so no process is idle before the last photo.
    static func seconds(sharpStyle photos: [String]) throws -> Double {
        let made = TemporaryFolder()
        let begun = Date()
        let workers = try (0..<cores).map { _ in
            try Shell.Background(path("sharp-style"), [made.path] + photos, environment: [:])
        }
        for worker in workers { worker.wait() }
        let seconds = Date().timeIntervalSince(begun)
        // For each photo a mark and four sizes.
        let files = withExtendedLifetime(made) { TemporaryFolder.files(below: made.path) }
        guard files.count == photos.count * 5 else {
            throw NotRunning(description: "sharp-style: \(workers.map(\.errors))")
        }
        return seconds
    }
}
