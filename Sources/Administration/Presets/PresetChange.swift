import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// From the sizes that images have to those of the preset in force.
package struct PresetChange {
    /// Images that are queued in one transaction.
    private static let batch = 200

    private let operations: Operations
    package var configuration: Configuration { operations.configuration }
    private var preset: Preset { configuration.preset }

    package init() throws {
        operations = try Settings().operations()
    }

    /// What the preset means for one complete image; nothing of both when it has its sizes.
    package struct Difference {
        let image: Image
        let missing: [Preset.Size]
        let superseded: [Variant]

        var isEmpty: Bool { missing.isEmpty && superseded.isEmpty }
    }

    /// Every complete image.
    package func visit(_ body: (Difference) throws -> Void) throws {
        try operations.catalog.images.visitInventory { stored in
            let image = stored.image
            guard image.status == .complete else { return }
            try body(
                Difference(
                    image: image, missing: preset.missing(from: image.variants, of: image.format),
                    superseded: preset.superseded(among: image.variants, of: image.format)))
        }
    }

    /// A worker that goes by another preset would make its sizes. After a SIGHUP the one before ends
    /// its work first, for which it has 5 s.
    package func checkWorkers() throws {
        let end = ContinuousClock.now + .seconds(6)
        while !Workers.running(configuration.folders).allSatisfy(goesByThis) {
            guard ContinuousClock.now < end else {
                throw Unusable(
                    "The service goes by another preset still: send \"multires serve\" a SIGHUP "
                        + "first.")
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
    }

    private func goesByThis(_ workerFolder: String) -> Bool {
        let known = try? String(contentsOfFile: workerFolder + "/preset.json", encoding: .utf8)
        return known == PresetFile.text(preset)
    }

    /// Returns how many images were queued now.
    package func queue() throws -> Int {
        let progress = Progress(
            "queueing", of: try operations.catalog.images.totals()[.complete]?.images ?? 0)
        defer { progress.finish() }
        var queued = 0
        var waiting: [Identifier<Image>] = []
        func send() throws {
            queued += try operations.rerender(waiting)
            waiting = []
        }
        try visit { difference in
            if !difference.isEmpty { waiting.append(difference.image.id) }
            if waiting.count == Self.batch { try send() }
            progress.advance()
        }
        try send()
        return queued
    }

    package func watch() throws {
        let total = try left()
        let progress = Progress("making sizes", of: total)
        defer { progress.finish() }
        var left = total
        while left > 0 {
            operations.wakeUp.wake()
            guard operations.wakeUp.isAnswered else {
                throw Unusable("\(left) images wait, and no worker runs: start \"multires serve\".")
            }
            Thread.sleep(forTimeInterval: 0.2)
            let now = try self.left()
            for _ in 0..<max(0, left - now) { progress.advance() }
            left = now
        }
    }

    /// Waiting or in work.
    private func left() throws -> Int {
        let state = try operations.catalog.queue.state()
        return state.redos + state.runningRedos
    }

    /// What one image costs on the mean, measured by making the missing sizes of these.
    package func trial(of samples: [Difference]) throws -> (
        count: Int, bytes: Double, time: Duration
    ) {
        var (count, bytes, time) = (0, Int64(0), Duration.zero)
        for sample in samples {
            let began = ContinuousClock.now
            count += 1
            guard !sample.missing.isEmpty else { continue }
            let (id, format) = (sample.image.id, sample.image.format)
            let rendering = try operations.media.withOriginal(id, format) {
                try operations.tryResizing(
                    $0, format: format, fit: sample.image.fit,
                    Preset(sizes: sample.missing, encoding: preset.encoding))
            }
            time += ContinuousClock.now - began
            bytes += rendering?.variants.reduce(0) { $0 + $1.bytes } ?? 0
        }
        return (count, Double(bytes) / Double(max(1, count)), time / Double(max(1, count)))
    }
}
