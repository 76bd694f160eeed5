import Foundation
import Model
import ResizerClient
import Resizing
import Support
import Synchronization

/// One renderer for all tests of this process, as libvips starts once, and orders with their
/// defaults.
enum Resizer {
    // because a test without libvips cannot say anything
    static let renderer = try! Renderer()

    /// One order at a time, as in the program: libvips' number of threads and its words for an error
    /// belong to the process, and liborc 0.4.33 crashes when two threads compile at once.
    private static let turn = Mutex(())

    static let limits = RenderLimits(
        pixels: 100_000_000, side: 16_384, animatedPixels: 20_000_000,
        interlacedPixels: 50_000_000, frames: 1000, scans: 100)

    /// What was made of a file, and where.
    struct Result {
        let folder: String
        let report: RenderReport

        var rendering: Rendering? { if case .rendered(let made) = report { made } else { nil } }
        var failure: RenderFailure? {
            switch report {
            case .rendered: nil
            case .unusable(let failure), .failed(let failure): failure
            }
        }
        /// The code, if it is the picture that is at fault.
        var unusable: String? {
            if case .unusable(let failure) = report { failure.code } else { nil }
        }
        var shapes: [String] {
            rendering?.variants.map { "\($0.pixels.width)x\($0.pixels.height)" } ?? []
        }
        func path(_ size: String) -> String {
            let variant = rendering?.variants.first { $0.name == size }
            return "\(folder)/\(variant?.fileName ?? "no \(size)")"
        }
    }

    /// Alone, like a render.
    static func trying<Value>(_ body: () throws -> Value) rethrows -> Value {
        try turn.withLock { _ in try body() }
    }

    static func render(
        _ path: String, as format: ImageFormat, fit: Fit = .cover, preset: Preset = .standard,
        limits: RenderLimits = limits, threads: Int = 1, in folder: TemporaryFolder
    ) throws -> Result {
        let output = folder.file("sizes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            atPath: output, withIntermediateDirectories: false)
        let order = RenderOrder(
            original: path, format: format, fit: fit, folder: output, preset: preset,
            limits: limits, threads: threads)
        let report = turn.withLock { _ in
            do throws(RenderError) {
                return RenderReport.rendered(try renderer.render(order))
            } catch {
                return error.report
            }
        }
        return Result(folder: output, report: report)
    }
}
