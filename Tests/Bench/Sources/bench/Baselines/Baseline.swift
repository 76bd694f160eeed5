import Foundation
import Support

/// Programs to compare with. What is built here lies beside this program.
enum Baseline {
    static let cores = ProcessInfo.processInfo.activeProcessorCount

    static func path(_ name: String) -> String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent(name).path
    }

    /// Until as many `sharp-style` as there are cores have shared these files among them: each takes
    /// the next that nobody has, so none is idle before the last one.
    static func seconds(sharpStyle photos: [String]) throws -> Double {
        let made = TemporaryFolder()
        let begun = Date()
        let workers = try (0..<cores).map { _ in
            try Shell.Background(path("sharp-style"), [made.path] + photos, environment: [:])
        }
        for worker in workers { worker.wait() }
        let seconds = Date().timeIntervalSince(begun)
        // A mark and four sizes.
        let files = withExtendedLifetime(made) { TemporaryFolder.files(below: made.path) }
        guard files.count == photos.count * 5 else {
            throw NotUp(description: "sharp-style: \(workers.map(\.errors))")
        }
        return seconds
    }
}
