import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// AVIF files with every way to code colours, against the pixels from which they were made.
@Suite struct AVIFSweepTests {
    let folder = TemporaryFolder()
    /// Of a patch of one colour, so that its middle is not affected by subsampling.
    private static let side = 16
    private static let colours = [
        [255, 255, 255], [0, 0, 0], [128, 128, 128], [255, 0, 0], [0, 255, 0], [0, 0, 255],
        [255, 255, 0], [0, 255, 255], [255, 0, 255], [200, 60, 40], [40, 80, 200], [20, 90, 30],
        [250, 200, 170], [12, 14, 20], [230, 240, 250], [90, 40, 120],
    ]

    /// - Parameter grey: whether all colours are grey, for monochrome files.
    private func picture(alpha: Bool, grey: Bool) throws -> (TestImage, String) {
        let image = TestImage(4 * Self.side, 4 * Self.side, bands: alpha ? 4 : 3) { x, y in
            let colour = Self.colours[y / Self.side * 4 + x / Self.side]
            let shown = grey ? Array(repeating: colour[1], count: 3) : colour
            return shown + (alpha ? [255 - 15 * (x / Self.side + 4 * (y / Self.side))] : [])
        }
        return (image, try image.write("\(alpha)-\(grey).png", in: folder))
    }

    @Test(
        "Every matrix, range, depth and subsampling shows the colours of the source, and its alpha",
        arguments: [0, 1, 2, 4, 5, 6, 7, 8, 9, 12])
    func sweep(_ matrix: Int) throws {
        var jobs: [(name: String, image: TestImage, tolerance: Double, job: AVIFEncoder.Job)] = []
        for alpha in [false, true] {
            for format in ["444", "422", "420", "400"] where matrix != 0 || format == "444" {
                let (image, png) = try picture(alpha: alpha, grey: format == "400")
                for depth in [8, 10, 12] {
                    // libavif has no conversion for YCgCo of limited range.
                    for range in matrix == 8 ? ["full"] : ["full", "limited"] {
                        let options = [
                            "-y", format, "-d", "\(depth)", "-r", range, "--nclx",
                            "1/13/\(matrix)",
                        ]
                        jobs.append(
                            (
                                "\(format), \(depth) bits, \(range), alpha \(alpha)", image,
                                Self.tolerance(matrix, range),
                                AVIFEncoder.Job(
                                    png: png, options: AVIFEncoder.lossless + options)
                            ))
                    }
                }
            }
        }
        for (made, file) in zip(jobs, try AVIFEncoder.files(jobs.map(\.job), in: folder)) {
            let decoded = try Decoded(file, as: .avif, in: folder)
            #expect(decoded.bands == made.image.bands, "\(made.name)")
            let worst = Self.worst(decoded, made.image)
            #expect(worst <= made.tolerance, "\(made.name): \(worst)")
        }
    }

    /// libyuv calculates limited range in few bits, and the last three matrices with saturated blue inexactly; so
    /// do browsers.
    private static func tolerance(_ matrix: Int, _ range: String) -> Double {
        guard range == "limited" else { return 2 }
        return [1, 9, 12].contains(matrix) ? 16 : 4.5
    }

    /// The largest difference of the mean of the middle of a patch.
    private static func worst(_ decoded: Decoded, _ image: TestImage) -> Double {
        var worst = 0.0
        for top in stride(from: 4, to: image.height, by: side) {
            for left in stride(from: 4, to: image.width, by: side) {
                let means = decoded.means(left..<left + 8, top..<top + 8)
                for (mean, value) in zip(means, image[left, top]) {
                    worst = max(worst, abs(mean - Double(value)))
                }
            }
        }
        return worst
    }
}
