import Foundation
import Model
import Support
import Testing

@testable import Resizing

@Suite struct LimitsTests {
    let folder = TemporaryFolder()

    @Test("An image at a limit is accepted; one beyond it is refused, with both numbers")
    func limits() throws {
        let photo = try Photos.jpeg(width: 300, height: 200, in: folder)
        let progressive = try Photos.converted(
            to: "jpg", width: 300, height: 200, options: "interlace", in: folder)
        let interlaced = try Photos.converted(
            to: "png", width: 300, height: 200, options: "interlace", in: folder)
        let animation = try Animation.make(
            "gif", width: 300, height: 200, delays: [50, 50, 50], loops: 2, in: folder)
        func code(
            _ path: String, _ format: ImageFormat, _ change: (inout RenderLimits) -> Void
        ) throws -> String? {
            var limits = Resizer.limits
            change(&limits)
            return try Resizer.render(path, as: format, limits: limits, in: folder).imageFailed
        }
        #expect(try code(photo, .jpeg) { $0.pixels = 60_000 } == nil)
        #expect(try code(photo, .jpeg) { $0.pixels = 59_999 } == "too_many_pixels")
        #expect(try code(photo, .jpeg) { $0.side = 300 } == nil)
        #expect(try code(photo, .jpeg) { $0.side = 299 } == "side_too_long")
        #expect(try code(photo, .jpeg) { $0.interlacedPixels = 1 } == nil)
        #expect(try code(photo, .jpeg) { $0.animatedPixels = 1 } == nil)
        #expect(try code(progressive, .jpeg) { $0.interlacedPixels = 60_000 } == nil)
        #expect(
            try code(progressive, .jpeg) { $0.interlacedPixels = 59_999 }
                == "too_many_interlaced_pixels")
        #expect(
            try code(interlaced, .png) { $0.interlacedPixels = 59_999 }
                == "too_many_interlaced_pixels")
        #expect(try code(animation, .gif) { $0.animatedPixels = 180_000 } == nil)
        #expect(try code(animation, .gif) { $0.animatedPixels = 179_999 } == "too_many_frames")
        #expect(try code(animation, .gif) { $0.frames = 3 } == nil)
        #expect(try code(animation, .gif) { $0.frames = 2 } == "too_many_frames")
        #expect(try code(progressive, .jpeg) { $0.scans = 10 } == nil)
        #expect(try code(progressive, .jpeg) { $0.scans = 9 } == "too_many_scans")
        #expect(try code(photo, .jpeg) { $0.scans = 1 } == nil)

        var limits = Resizer.limits
        limits.pixels = 50_000
        let result = try Resizer.render(photo, as: .jpeg, limits: limits, in: folder)
        #expect(result.failure?.sentence.contains("300 x 200") == true)
    }

    @Test(
        "A sandboxed resizer renders images at the limits within its memory",
        arguments: [
            (ImageFormat.webp, 10_000, 10_000, ""), (.webp, 5121, 5121, "lossless"),
            (.png, 7071, 7071, "interlace,compression=1"), (.jpeg, 7071, 7071, "interlace"),
        ])
    func atTheLimits(_ format: ImageFormat, _ width: Int, _ height: Int, _ options: String) throws {
        let original = try plain(format, width, height, options)
        let resizer = try ResizerProcess(in: folder)
        let result = try resizer.render(original, as: format)
        #expect(result.rendering?.pixels == PixelSize(width: width, height: height))
    }

    @Test("An image that needs too much memory fails as out of memory, not as damaged")
    func tooMuch() throws {
        let original = try plain(.webp, 4000, 3900, "")
        let resizer = try ResizerProcess(
            in: folder, environment: ["RESIZER_MEMORY": "\(128 << 20)"])
        let result = try resizer.render(original, as: .webp)
        #expect(result.failure?.code == "out_of_memory")
        #expect(result.imageFailed == nil)
        #expect(TemporaryFolder.files(below: result.folder).isEmpty)
    }

    /// An image of one colour, with alpha if the format has it: quick to make, decoded like any other.
    private func plain(
        _ format: ImageFormat, _ width: Int, _ height: Int, _ options: String
    ) throws -> [UInt8] {
        let path = folder.file("large.\(format.fileExtension)")
        let bands = format == .jpeg ? "3" : "4"
        let black = folder.file("black.v")
        try Photos.vips(["black", black, "\(width)", "\(height)", "--bands", bands])
        let saved = options.isEmpty ? path : "\(path)[\(options)]"
        let fast =
            format == .webp ? "\(path)[effort=0,Q=1\(options.isEmpty ? "" : ",")\(options)]" : saved
        try Photos.vips(["copy", black, fast, "--interpretation", "srgb"])
        try FileManager.default.removeItem(atPath: black)
        return try Photos.bytes(of: path)
    }

    @Test(
        "Text in a PNG is never inflated and does not change the variants",
        arguments: ["zTXt", "iTXt", "tEXt"])
    func text(_ kind: String) throws {
        let photo = try Photos.converted(to: "png", width: 60, height: 40, in: folder)
        let bytes = try Photos.bytes(of: photo)
        var file = Array(bytes[..<33])  // Signature and IHDR.
        // Not valid zlib data, so an attempt to inflate it would fail.
        for number in 0..<(kind == "tEXt" ? 1100 : 200) {
            PNGFile.append(
                kind, [UInt8]("key \(number)\0\u{1}\0\0\0rubbish".utf8)[...], to: &file)
        }
        file += bytes[33...]
        let path = try Photos.write(file, to: folder.file("text.png"))
        let cleaned = try #require(try Self.withoutText(path))
        #expect(!PNGFile.Chunks(cleaned).contains { $0.name == kind })
        #expect(PNGFile.Chunks(cleaned).contains { $0.name == "IEND" })
        let (with, without) = (
            try Resizer.render(path, as: .png, in: folder),
            try Resizer.render(photo, as: .png, in: folder)
        )
        #expect(
            try Photos.bytes(of: with.path("small")) == Photos.bytes(of: without.path("small")))
        #expect(try Self.withoutText(photo) == nil, "files without text are read unchanged")
    }

    private static func withoutText(_ path: String) throws -> [UInt8]? {
        guard let head = PNGHead(path) else { return nil }
        return try PNGFile.withoutText(path, head)
    }

    @Test("PNG data after the last row is never inflated and does not change the variants")
    func tail() throws {
        let photo = try Photos.converted(
            to: "png", width: 60, height: 40, options: "compression=0", in: folder)
        let bytes = try Photos.bytes(of: photo)
        let rows = try #require(PNGFile.Chunks(bytes).first { $0.name == "IDAT" }?.data)
        // More data follows the stored rows, whose block is no longer marked as the last one.
        var data = Array(bytes[rows].dropLast(4))
        data[2] = 0
        data += [UInt8](repeating: 0, count: 400_000)
        var file = Array(bytes[..<(rows.lowerBound - 8)])
        PNGFile.append("IDAT", data[...], to: &file)
        PNGFile.append("IEND", [], to: &file)
        let path = try Photos.write(file, to: folder.file("tail.png"))
        let cut = try #require(PNGFile.withoutTail(path, pixels: 1_000_000))
        #expect(cut.count < bytes.count + 100)
        let (with, without) = (
            try Resizer.render(path, as: .png, in: folder),
            try Resizer.render(photo, as: .png, in: folder)
        )
        #expect(
            try Photos.bytes(of: with.path("small")) == Photos.bytes(of: without.path("small")))
        let large = try Photos.converted(to: "png", width: 900, height: 600, in: folder)
        #expect(PNGFile.withoutTail(large, pixels: 1_000_000) == nil, "read unchanged")
    }

    @Test("Decompression bombs are refused by their headers", arguments: Bomb.allCases)
    func bombs(_ bomb: Bomb) throws {
        let file = try bomb.file(in: folder)
        let clock = ContinuousClock.now
        let result = try Resizer.render(file, as: bomb.format, in: folder)
        #expect(result.imageFailed == bomb.code, "\(result.report)")
        // Decoding any of them would take far longer.
        #expect(clock.duration(to: .now) < .seconds(5))
    }
}

/// Small files that declare large images.
enum Bomb: CaseIterable {
    case widePNG, squarePNG, progressiveJPEG, manyScans, manyFrames, manyLargeFrames, avif

    var format: ImageFormat {
        switch self {
        case .widePNG, .squarePNG: .png
        case .progressiveJPEG, .manyScans: .jpeg
        case .manyFrames, .manyLargeFrames: .gif
        case .avif: .avif
        }
    }

    var code: String {
        switch self {
        case .widePNG: "side_too_long"
        case .squarePNG, .avif: "too_many_pixels"
        case .progressiveJPEG: "too_many_interlaced_pixels"
        case .manyScans: "too_many_scans"
        case .manyFrames, .manyLargeFrames: "too_many_frames"
        }
    }

    func file(in folder: TemporaryFolder) throws -> String {
        let path = folder.file("bomb")
        switch self {
        case .widePNG: return try Photos.write(png(width: 65_000, height: 65_000), to: path)
        case .squarePNG: return try Photos.write(png(width: 16_000, height: 16_000), to: path)
        case .progressiveJPEG:
            var bytes = try Photos.bytes(
                of: try Photos.converted(
                    to: "jpg", width: 64, height: 64, options: "interlace", in: folder))
            // SOF2: length, precision, then height and width (ITU-T T.81, B.2.2).
            let start = bytes.indices.first { bytes[$0...].starts(with: [0xFF, 0xC2]) } ?? 0
            bytes.replaceSubrange(start + 5..<start + 9, with: [0x20, 0, 0x20, 0])
            return try Photos.write(bytes, to: path)
        case .manyScans:
            let bytes = try Photos.bytes(
                of: try Photos.converted(
                    to: "jpg", width: 64, height: 64, options: "interlace", in: folder))
            let last = bytes.indices.last { bytes[$0...].starts(with: [0xFF, 0xDA]) } ?? 0
            let scan = bytes[last..<bytes.count - 2]
            let scans = Array(repeating: scan, count: 1700).joined()
            return try Photos.write(bytes.dropLast(2) + scans + [0xFF, 0xD9], to: path)
        case .manyFrames: return try Photos.write(gif(frames: 10_000, side: 10), to: path)
        case .manyLargeFrames: return try Photos.write(gif(frames: 1000, side: 250), to: path)
        case .avif:
            var bytes = try Photos.bytes(
                of: try Photos.converted(
                    to: "avif", width: 64, height: 64, options: "effort=0,bitdepth=8", in: folder))
            // Image spatial extents: version and flags, width, height (ISO/IEC 23008-12, 6.5.3).
            let name = Array("ispe".utf8)
            let start = bytes.indices.first { bytes[$0...].starts(with: name) } ?? 0
            bytes.replaceSubrange(
                start + 8..<start + 16, with: self.bytes(16_000) + self.bytes(16_000))
            return try Photos.write(bytes, to: path)
        }
    }

    /// A GIF with frames of a single colour.
    private func gif(frames: Int, side: UInt8) -> [UInt8] {
        let screen =
            Array("GIF89a".utf8) + [side, 0, side, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
        let delay: [UInt8] = [0x21, 0xF9, 4, 0, 5, 0, 0, 0]
        let frame: [UInt8] = [0x2C, 0, 0, 0, 0, side, 0, side, 0, 0, 2, 2, 0x44, 1, 0]
        return screen + Array(repeating: delay + frame, count: frames).flatMap { $0 } + [0x3B]
    }

    /// A header with a valid checksum and almost no pixel data.
    private func png(width: UInt32, height: UInt32) -> [UInt8] {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", bytes(width) + bytes(height) + [8, 2, 0, 0, 0])
            + chunk("IDAT", [0x78, 0x9C, 0x63, 0x60, 0x60, 0, 0, 0, 3, 0, 1])
            + chunk("IEND", [])
    }

    private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return bytes(UInt32(data.count)) + body + bytes(checksum(body))
    }

    private func bytes(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }

    /// CRC-32 as in PNG (W3C), annex D.
    private func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0 as UInt32) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
                sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1
            }
        }
    }
}
