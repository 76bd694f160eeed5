import Foundation
import Media
import Model
import Operations
import Processes
import Settings

/// The change from the variants that images have to those of the current preset.
package struct PresetChange {
    /// The number of images that are queued in one transaction.
    private static let batch = 200

    private let operations: Operations
    package var configuration: Configuration { operations.configuration }
    private var preset: Preset { configuration.preset }

    package init() throws {
        operations = try Settings().operations()
    }

    /// What the preset changes for one complete image. Both lists are empty if the image has exactly the
    /// preset's variants.
    package struct Difference {
        let image: Image
        let missing: [Preset.Size]
        let superseded: [Variant]

        var isEmpty: Bool { missing.isEmpty && superseded.isEmpty }
    }

    /// Calls `body` for every complete image.
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

    /// Throws `ConfigurationError` if a running worker uses another preset, because it would make that
    /// preset's variants. After a SIGHUP, the previous worker has 5 s to finish its work, so this waits 6 s.
    package func checkWorkers() throws {
        let end = ContinuousClock.now + .seconds(6)
        while !Workers.running(configuration.folders).allSatisfy(usesThisPreset) {
            guard ContinuousClock.now < end else {
                throw ConfigurationError(
                    "The service still uses another preset. Send \"multires serve\" a SIGHUP "
                        + "first.")
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
    }

    private func usesThisPreset(_ workerFolder: String) -> Bool {
        let known = try? String(contentsOfFile: workerFolder + "/preset.json", encoding: .utf8)
        return known == PresetFile.text(preset)
    }

    /// Returns the number of images that were queued by this call.
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

    /// Shows the progress until no re-render is left. Throws `ConfigurationError` if no worker runs.
    package func watch() throws {
        let total = try left()
        let progress = Progress("rendering sizes", of: total)
        defer { progress.finish() }
        var left = total
        while left > 0 {
            operations.wakeWorker.forJob()
            guard operations.wakeWorker.hasWorker else {
                throw ConfigurationError(
                    HumanReadable.count(left, "image waits", "images wait")
                        + ", but no worker is running. Start \"multires serve\".")
            }
            Thread.sleep(forTimeInterval: 0.2)
            let now = try self.left()
            for _ in 0..<max(0, left - now) { progress.advance() }
            left = now
        }
    }

    /// The number of re-renders that wait or are in progress.
    private func left() throws -> Int {
        let state = try operations.catalog.queue.state()
        return state.rerenders + state.runningRerenders
    }

    /// The mean bytes and time per image, measured by rendering the missing variants of these images.
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
