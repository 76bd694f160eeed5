import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// Files that came out wrong or were refused once, and what browsers show of them.
@Suite struct CorpusTests {
    let folder = TemporaryFolder()

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// Which variant to look at.
        let size: String
        let width: Int
        let height: Int
        /// Means of red, green and blue, 0 to 255, laid on white, or weighted by alpha.
        let means: [Double]
        var tolerance = 2.0
        var alpha: ClosedRange<Int>?
        var isWeighted = false
        var testDescription: String { name }
    }

    @Test(
        "A file shows the colours, size and transparency that browsers show",
        arguments: CorpusFiles.complete)
    func complete(_ file: Case) throws {
        let path = CorpusFiles.path(file.name)
        let result = try Resizer.render(
            path, as: try CorpusFiles.format(path), fit: .inside, in: folder)
        try #require(result.rendering != nil, "\(result.report)")
        let pixels = try Pixels(of: result.path(file.size), in: folder)
        #expect(pixels.width == file.width && pixels.height == file.height)
        let means = file.isWeighted ? pixels.meansWhereSeen : pixels.meansOnWhite
        #expect(
            zip(means, file.means).allSatisfy { abs($0 - $1) <= file.tolerance }, "\(means)")
        if let alpha = file.alpha {
            let found = try #require(pixels.alphas)
            #expect(abs(found.lowerBound - alpha.lowerBound) <= 3, "\(found)")
            #expect(abs(found.upperBound - alpha.upperBound) <= 3, "\(found)")
        } else {
            #expect(pixels.bands % 2 == 1, "\(pixels.bands) bands")
        }
    }

    @Test(
        "A JPEG with an end marker in place of its lower half is damaged, as without that marker")
    func halfMissing() throws {
        let path = CorpusFiles.path("half-missing-with-eoi.jpg")
        #expect(try Resizer.render(path, as: .jpeg, in: folder).imageFailed == "corrupt_image")
    }

    @Test("A lossless JPEG is refused by its kind, and not called damaged")
    func lossless() throws {
        let result = try Resizer.render(
            CorpusFiles.path("lossless-process.jpg"), as: .jpeg, in: folder)
        #expect(result.imageFailed == "unsupported_image")
        let sentence = try #require(result.failure?.sentence)
        #expect(sentence.contains("lossless JPEG") && !sentence.contains("damage"), "\(sentence)")
    }

    @Test("A GIF whose pixels end early is damaged")
    func earlyEnd() throws {
        let path = CorpusFiles.path("pixels-end-early.gif")
        #expect(try Resizer.render(path, as: .gif, in: folder).imageFailed == "corrupt_image")
    }

    /// libvips' command would change such canvases when it reads them.
    @Test(
        "A GIF's canvas is transparent where no frame is",
        arguments: [
            ("canvas-800x600-smaller-frame.gif", PixelSize(width: 800, height: 600), 1),
            ("first-frame-offset.gif", PixelSize(width: 100, height: 80), 2),
        ])
    func canvas(_ name: String, _ size: PixelSize, _ frames: Int) throws {
        let result = try Resizer.render(
            CorpusFiles.path(name), as: .gif, fit: .inside, in: folder)
        let file = try GIFFile(Photos.bytes(of: result.path("large")))
        #expect(file.canvas == size && file.frames.count == frames)
        var canvas = try GIFCanvas(file)
        while try canvas.next() {
            #expect(canvas.bands == 4)
            var row = [UInt8](repeating: 1, count: 4 * size.width)
            row.withUnsafeMutableBufferPointer { row in
                if let start = row.baseAddress { canvas.write(row: 0, to: start) }
            }
            #expect(row.allSatisfy { $0 == 0 })
        }
    }

    @Test("A PNG that lacks its last rows fails every time", arguments: [1, 2, 8])
    func cut(_ threads: Int) throws {
        let path = CorpusFiles.path("cut-in-its-last-rows.png")
        for _ in 0..<(Fuzz.isLong ? 100 : 15) {
            let result = try Resizer.render(
                path, as: .png, fit: .inside, threads: threads, in: folder)
            #expect(result.imageFailed == "corrupt_image")
        }
    }

    @Test("An animated AVIF becomes an animated WebP with its delays, which is played for ever")
    func animated() throws {
        let result = try Resizer.render(
            CorpusFiles.path("animated-by-ffmpeg.avif"), as: .avif, fit: .inside, in: folder)
        let variants = try #require(result.rendering).variants
        #expect(variants.allSatisfy { $0.format == .webp } && variants.count == 4)
        let fields = try Shell.check("vipsheader", ["-a", result.path("large")]).lines
        #expect(fields.contains("n-pages: 5"))
        #expect(
            fields.contains {
                $0.trimmingCharacters(in: .whitespaces) == "delay: 200 200 200 200 200"
            })
        #expect(fields.contains("loop: 0"))
    }

    @Test("Each file is in a test")
    func all() throws {
        let files = Set(try FileManager.default.contentsOfDirectory(atPath: CorpusFiles.folder))
        let others: Set = [
            "half-missing-with-eoi.jpg", "lossless-process.jpg", "cut-in-its-last-rows.png",
            "animated-by-ffmpeg.avif", "grey-ramp.heic", "pixels-end-early.gif",
            "first-frame-offset.gif", "canvas-800x600-smaller-frame.gif",
        ]
        #expect(files == others.union(CorpusFiles.complete.map(\.name)))
    }
}

extension Pixels {
    /// The means of red, green and blue, laid on white.
    var meansOnWhite: [Double] {
        var sums = [0.0, 0, 0]
        for start in stride(from: 0, to: values.count, by: bands) {
            let alpha = bands % 2 == 0 ? Double(values[start + bands - 1]) / 255 : 1
            for band in 0..<3 {
                let value = Double(values[start + (bands < 3 ? 0 : band)])
                sums[band] += value * alpha + 255 * (1 - alpha)
            }
        }
        return sums.map { $0 / Double(width * height) }
    }

    /// The means of red, green and blue, weighted by alpha.
    fileprivate var meansWhereSeen: [Double] {
        var sums = [0.0, 0, 0, 0]
        for start in stride(from: 0, to: values.count, by: bands) {
            let alpha = Double(values[start + bands - 1])
            for band in 0..<3 { sums[band] += Double(values[start + band]) * alpha }
            sums[3] += alpha
        }
        return (0..<3).map { sums[$0] / sums[3] }
    }

    /// The lowest and the highest alpha; nil without alpha.
    var alphas: ClosedRange<Int>? {
        guard bands % 2 == 0 else { return nil }
        var (least, most) = (UInt8.max, UInt8.min)
        for start in stride(from: bands - 1, to: values.count, by: bands) {
            (least, most) = (min(least, values[start]), max(most, values[start]))
        }
        return Int(least)...Int(most)
    }
}
