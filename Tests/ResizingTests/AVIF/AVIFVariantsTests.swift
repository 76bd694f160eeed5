import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// The pixels of variants of AVIF originals.
@Suite struct AVIFVariantsTests {
    let folder = TemporaryFolder()

    @Test(
        "Small variants of a 4:4:4 original keep the resolution of its colours, larger ones do not")
    func chroma() throws {
        let photo = try Photos.pixels(width: 960, height: 720, in: folder)
        for (format, sharp) in [("444", ["thumbnail", "middle"]), ("420", []), ("422", [])] {
            let file = try AVIFEncoder.file(photo, options: ["-y", format], in: folder)
            let path = try Photos.write(file, to: folder.file("photo.avif"))
            let preset = Preset(sizes: [
                .init(name: "thumbnail", box: PixelSize(width: 150, height: 150)),
                .init(name: "middle", box: PixelSize(width: 479, height: 479)),
                .init(name: "small", box: PixelSize(width: 480, height: 480)),
                .init(name: "large", box: PixelSize(width: 800, height: 800)),
            ])
            let result = try Resizer.render(
                path, as: .avif, fit: .inside, preset: preset, in: folder)
            for name in ["thumbnail", "middle", "small", "large"] {
                // AV1's configuration (AV1-ISOBMFF, 2.3.3): subsampling is in bits 3 and 2 of the third byte.
                let setup = try #require(
                    try MediaBoxes(Photos.bytes(of: result.path(name))).all("av1C").first)
                #expect((setup[2] & 0x0C == 0) == sharp.contains(name), "\(format) \(name)")
            }
        }
    }

    @Test("Light of high dynamic range has no bands", arguments: [16, 18])
    func bands(_ transfer: Int) throws {
        // Each column is one of 205 codes of 10 bits, from 0.4 to 0.6.
        let ramp = TestImage(205, 16, depth: 16) { x, _ in
            Array(repeating: (409 + x) * 65_535 / 1023, count: 3)
        }
        let file = try AVIFEncoder.file(
            ramp.write("ramp.png", in: folder),
            options: AVIFEncoder.lossless + ["-y", "444", "-d", "10", "--nclx", "9/\(transfer)/9"],
            in: folder)
        let decoded = try Decoded(file, as: .avif, in: folder)
        let levels = (0..<205).map { decoded[$0, 8][1] }
        #expect(zip(levels, levels.dropFirst()).allSatisfy { 0...1 ~= $1 - $0 }, "\(levels)")
        #expect(levels[204] - levels[0] > 40)
    }

    @Test(
        "An image that is decoded in many strips equals one that is decoded in one",
        arguments: ["420", "422", "444"])
    func strips(_ format: String) throws {
        let photo = try Photos.pixels(width: 90, height: 1501, in: folder)
        for depth in ["8", "10"] {
            let file = try AVIFEncoder.file(
                photo, options: ["-y", format, "-d", depth], in: folder)
            let path = try Photos.write(file, to: folder.file("photo.avif"))
            let decoded = try Decoded(path, as: .avif)
            let png = folder.file("whole.png")
            try Shell.check("avifdec", ["-d", "8", path, png])
            let whole = try Decoded(png, as: .png)
            var worst = 0
            for y in 0..<decoded.height {
                for x in 0..<decoded.width {
                    for (a, b) in zip(decoded[x, y], whole[x, y]) { worst = max(worst, abs(a - b)) }
                }
            }
            // libavif uses libyuv for RGBA of 10 bits, which we need, but not for RGB, and libyuv is less exact.
            #expect(worst <= (depth == "8" ? 1 : 3), "\(depth) bits")
            #expect(try Self.inOnePiece(file) == decoded.colours, "\(depth) bits")
        }
    }

    /// Red, green and blue of all pixels, converted by one call of libavif.
    private static func inOnePiece(_ file: [UInt8]) throws -> [UInt8] {
        let decoder = try AVIFDecoder(FileBytes(file))
        try decoder.decode()
        let pixels = PixelSize(
            width: Int(decoder.image.pointee.width), height: Int(decoder.image.pointee.height))
        let frame = try AVIFFrame(decoder, .init(pixels: pixels, bands: 3, isDeep: false))
        var colours = [UInt8](repeating: 0, count: pixels.area * 3)
        let isWritten = colours.withUnsafeMutableBytes { buffer in
            // `!` because the buffer is not empty.
            frame.write(0..<pixels.height, to: buffer.baseAddress!, stride: pixels.width * 3)
        }
        #expect(isWritten)
        return colours
    }

    @Test("Colours that were multiplied by alpha are divided by it")
    func premultiplied() throws {
        let image = TestImage(64, 64, bands: 4) { x, y in
            [[240, 60, 30], [30, 220, 90], [60, 80, 230], [250, 250, 250]][x / 16]
                + [[255, 180, 100, 0][y / 16]]
        }
        let file = try AVIFEncoder.file(
            image.write("alpha.png", in: folder),
            options: AVIFEncoder.lossless + ["-p", "-y", "444", "-d", "10"], in: folder)
        let decoded = try Decoded(file, as: .avif, in: folder)
        for y in [8, 24, 40, 56] {
            for x in [8, 24, 40, 56] {
                #expect(decoded[x, y][3] == image[x, y][3])
                guard image[x, y][3] > 0 else { continue }
                let isRight = zip(decoded[x, y], image[x, y]).allSatisfy { abs($0 - $1) <= 6 }
                #expect(isRight, "\(decoded[x, y]), not \(image[x, y])")
            }
        }
    }
}
