import Foundation
import Support

/// Programs to compare with. What is built here lies beside this program.
enum Baseline {
    static func path(_ name: String) -> String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent(name).path
    }

    /// Until as many `sharp-style` as there are cores have shared these files among them.
    static func seconds(sharpStyle photos: [String], in folder: TemporaryFolder) throws -> Double {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let begun = Date()
        let shares = (0..<cores).map { core in
            photos.enumerated().filter { $0.offset % cores == core }.map(\.element)
        }
        let workers = try shares.map {
            try Shell.Background(path("sharp-style"), [folder.path] + $0, environment: [:])
        }
        for worker in workers { worker.wait() }
        return Date().timeIntervalSince(begun)
    }
}
