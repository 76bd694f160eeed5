import Foundation
import Model
import ResizerClient
import Support
import Synchronization

@testable import Resizing

/// One renderer for all tests of this process, because libvips starts only once, and requests with
/// default values.
enum Resizer {
    // `try!` because no test of this folder can run without libvips.
    static let renderer = try! Renderer()

    /// One request at a time, as in the program: libvips' number of threads and its error messages
    /// belong to the process, and liborc 0.4.33 crashes when two threads compile at once.
    private static let turn = Mutex(())

    static let limits = RenderLimits(
        pixels: 100_000_000, side: 16_384, animatedPixels: 20_000_000,
        interlacedPixels: 50_000_000, frames: 1000, scans: 100)

    /// The report about a rendered file, and the folder of its variants.
    struct Result {
        let folder: String
        let report: RenderResult

        var rendering: Rendering? { if case .rendered(let made) = report { made } else { nil } }
        var failure: RenderFailure? {
            switch report {
            case .rendered: nil
            case .imageFailed(let failure), .failed(let failure): failure
            }
        }
        /// The code of the failure, if the image is the cause.
        var imageFailed: String? {
            if case .imageFailed(let failure) = report { failure.code } else { nil }
        }
        var shapes: [String] {
            rendering?.variants.map { "\($0.pixels.width)x\($0.pixels.height)" } ?? []
        }
        func path(_ size: String) -> String {
            let variant = rendering?.variants.first { $0.name == size }
            return "\(folder)/\(variant?.fileName ?? "no \(size)")"
        }
    }

    /// Runs `body` while no request is rendered.
    static func trying<Value>(_ body: () throws -> Value) rethrows -> Value {
        try turn.withLock { _ in try body() }
    }

    static func render(
        _ path: String, as format: ImageFormat, fit: Fit = .cover, preset: Preset = .standard,
        limits: RenderLimits = limits, threads: Int = 1, usesPlanes: Bool = true,
        in folder: TemporaryFolder
    ) throws -> Result {
        let output = folder.file("sizes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            atPath: output, withIntermediateDirectories: false)
        let request = RenderRequest(
            original: path, format: format, fit: fit, folder: output, preset: preset,
            limits: limits, threads: threads)
        var renderer = renderer
        renderer.usesPlanes = usesPlanes
        let report = turn.withLock { _ in
            do throws(RenderError) {
                return RenderResult.rendered(try renderer.render(request))
            } catch {
                return error.report
            }
        }
        return Result(folder: output, report: report)
    }
}
