import Foundation
import Model
import ResizerClient
import Support
import Testing

@testable import Resizing

/// The rule for damaged files: a file that does not define all its pixels always fails; a file that only
/// lacks its end or has a wrong checksum is complete.
@Suite struct DamageTests {
    let folder = TemporaryFolder()
    /// Small, because these tests render often.
    static let preset = Preset(sizes: [
        .init(name: "thumbnail", box: PixelSize(width: 24, height: 24))
    ])

    @Test(
        "A file that is cut off always fails, wherever it is cut and with any number of threads",
        arguments: [
            (ImageFormat.jpeg, ""), (.jpeg, "interlace"), (.png, ""), (.png, "interlace"),
            (.webp, ""), (.gif, ""), (.avif, "effort=0,bitdepth=8,strip"), (.heic, ""),
        ])
    func cutOff(_ format: ImageFormat, _ options: String) throws {
        let times = Fuzz.isLong ? 40 : 6
        let photo = try Photos.converted(
            to: format.fileExtension, width: 60, height: 40, options: options, in: folder)
        let bytes = try Photos.bytes(of: photo)
        #expect(try render(bytes, format).imageFailed == nil)
        for part in try Pixels.rows(of: bytes, format) {
            for threads in [1, 2, 8] {
                var failures = 0
                for _ in 0..<times {
                    let result = try render(Array(bytes[..<part]), format, threads: threads)
                    if result.imageFailed == "corrupt_image" { failures += 1 }
                }
                #expect(failures == times, "\(part) of \(bytes.count) bytes, \(threads) threads")
            }
        }
    }

    @Test(
        "A photo that lacks its last rows always fails on eight threads",
        arguments: [ImageFormat.jpeg, .png, .gif])
    func lastRows(_ format: ImageFormat) throws {
        let photo = try Photos.converted(
            to: format.fileExtension, width: 300, height: 400, in: folder)
        let bytes = try Photos.bytes(of: photo)
        for attempt in 0..<(Fuzz.isLong ? 40 : 10) {
            let cut = Array(bytes[..<(bytes.count * 99 / 100)])
            #expect(
                try render(cut, format, threads: 8).imageFailed == "corrupt_image", "\(attempt)")
        }
    }

    @Test("A JPEG that lacks only its end marker is complete", arguments: ["", "interlace"])
    func withoutEndMarker(_ options: String) throws {
        let bytes = try jpeg(options)
        #expect(bytes.suffix(2) == [0xFF, 0xD9])
        for file in [bytes.dropLast(2), bytes.dropLast(1)] {
            try expectSame(Array(file), as: bytes, .jpeg)
        }
    }

    @Test(
        "A JPEG whose data ends early fails with and without an end marker",
        arguments: ["", "interlace"])
    func endMarkerTooEarly(_ options: String) throws {
        let bytes = try jpeg(options)
        for part in [0.5, 0.9, 0.97] {
            let cut = Array(bytes[..<Int(Double(bytes.count) * part)])
            for file in [cut, cut + [0xFF, 0xD9]] {
                for threads in [1, 2] {
                    #expect(
                        try render(file, .jpeg, threads: threads).imageFailed == "corrupt_image")
                }
            }
        }
    }

    @Test("A progressive JPEG that ends between scans is complete if each component has a scan")
    func betweenScans() throws {
        let bytes = try jpeg("interlace")
        // Start of scan: ITU-T T.81, B.2.3. The first has the coarsest coefficients of all components.
        let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
        let tables = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC4 }
        try #require(scans.count == 10)
        let third = try #require(tables.last { $0 < scans[2] })
        let coarse = Array(bytes[..<third])
        #expect(try render(coarse, .jpeg).rendering != nil)
        #expect(try render(coarse + [0xFF, 0xD9], .jpeg).rendering != nil)
        // The same file without the third component in the first scan.
        var lacking = coarse
        let selectors = scans[0] + 5
        lacking[scans[0] + 3] -= 2
        lacking[scans[0] + 4] -= 1
        lacking.removeSubrange(selectors + 4..<selectors + 6)
        #expect(try render(lacking + [0xFF, 0xD9], .jpeg).imageFailed == "corrupt_image")
    }

    @Test(
        "A PNG with complete rows is complete despite a wrong checksum or damage after the rows",
        arguments: ["", "interlace"])
    func wrongChecksums(_ options: String) throws {
        let bytes = try Photos.bytes(
            of: try Photos.converted(
                to: "png", width: 60, height: 40, options: options, in: folder))
        let rows = try #require(PNGFile.Chunks(bytes).first { $0.name == "IDAT" }?.data)
        for position in [
            29, rows.upperBound, rows.upperBound - 1,  // CRC of IHDR, of IDAT, Adler-32
        ] {
            var wrong = bytes
            wrong[position] ^= 0x55
            try expectSame(wrong, as: bytes, .png)
        }
        for cut in [rows.upperBound + 4, rows.upperBound, rows.upperBound - 4] {
            try expectSame(Array(bytes[..<cut]), as: bytes, .png)
        }
        let rubbish = bytes[..<(rows.upperBound + 4)] + [0, 0, 9, 9, 0x7A, 0x7A, 0x54, 0x58, 1]
        try expectSame(Array(rubbish), as: bytes, .png)
        try expectSame(
            Array(bytes[..<(rows.upperBound - 6)]), as: bytes, .png, orFails: true)
    }

    @Test("A PNG that lacks rows fails even if all its chunks are valid; the log names the cause")
    func missingRows() throws {
        for options in ["", "interlace"] {
            let bytes = try Photos.bytes(
                of: try Photos.converted(
                    to: "png", width: 60, height: 40, options: options, in: folder))
            let rows = try #require(PNGFile.Chunks(bytes).first { $0.name == "IDAT" }?.data)
            var file = PNGFile.signature
            PNGFile.append("IHDR", bytes[16..<29], to: &file)
            PNGFile.append("IDAT", bytes[rows].dropLast(rows.count / 5), to: &file)
            PNGFile.append("IEND", [], to: &file)
            let error = #expect(throws: RenderError.self) {
                try Resizer.renderer.render(try request(file, .png))
            }
            #expect(error?.message.contains("IDAT holds") == true, "\(error?.message ?? "")")
        }
    }

    @Test("A PNG with all its rows that cannot be decoded fails; the log names the cause")
    func wrongFilter() throws {
        for options in ["compression=0", "compression=0,interlace"] {
            var bytes = try Photos.bytes(
                of: try Photos.converted(
                    to: "png", width: 60, height: 40, options: options, in: folder))
            let rows = try #require(PNGFile.Chunks(bytes).first { $0.name == "IDAT" }?.data)
            // The first row's filter type, after the headers of zlib and of a stored block.
            bytes[rows.lowerBound + 2 + 5] = 9
            let error = #expect(throws: RenderError.self) {
                try Resizer.renderer.render(try request(bytes, .png))
            }
            guard case .imageFailed(let failure)? = error?.report else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(failure.code == "corrupt_image")
            #expect(error?.message.contains("all data is there") == true, "\(error?.message ?? "")")
        }
    }

    @Test("A GIF whose pixels end early fails")
    func gifPixels() throws {
        // Two frames of 30 x 40 pixels, LZW codes of nine bits: one code per pixel.
        func gif(_ pixels: Int) -> [UInt8] { GIF.file([1200, pixels]) }
        #expect(try render(gif(1200), .gif).rendering != nil)
        #expect(try render(gif(1199), .gif).imageFailed == "corrupt_image")
        #expect(try render(gif(0), .gif).imageFailed == "corrupt_image")
        // The file ends after a frame's header.
        let header = GIF.file([1200]).dropLast() + GIF.frameHeader
        #expect(try render(Array(header), .gif).imageFailed == "corrupt_image")
        #expect(try render(Array(header) + [8], .gif).imageFailed == "corrupt_image")
    }

    @Test("A GIF with all its pixels is complete without the end of its data or of the file")
    func gifEnds() throws {
        let photo = try Photos.converted(to: "gif", width: 60, height: 40, in: folder)
        for bytes in [GIF.file([1200, 1200]), try Photos.bytes(of: photo)] {
            for count in 1...2 {
                try expectSame(Array(bytes.dropLast(count)), as: bytes, .gif)
            }
            let comment: [UInt8] = [0x21, 0xFE, 200, 65]
            try expectSame(Array(bytes.dropLast()) + comment, as: bytes, .gif)
        }
        // The last bytes of its data are codes after the last pixel.
        let long = GIF.file([1200], extra: 5)
        try expectSame(Array(long.dropLast(4)), as: long, .gif)
    }

    @Test("A WebP that is cut off after its pixels is complete")
    func webpMetadata() throws {
        let photo = try Photos.bytes(
            of: try Photos.converted(to: "webp", width: 60, height: 40, in: folder))
        var bytes = WebP.withoutMetadata(photo)
        bytes += Array("XMP ".utf8) + [40, 0, 0, 0] + [UInt8](repeating: 65, count: 20)
        bytes[4] = UInt8(truncatingIfNeeded: bytes.count + 20 - 8)
        bytes[5] = UInt8(truncatingIfNeeded: (bytes.count + 20 - 8) >> 8)
        try expectSame(bytes, as: photo, .webp)
    }

    @Test("Noise in a file never makes a reader read beyond its bytes")
    func fuzzNoise() throws {
        for format in [ImageFormat.jpeg, .png, .gif, .webp] {
            let bytes = try Photos.bytes(
                of: try Photos.converted(
                    to: format.fileExtension, width: 60, height: 40,
                    options: format == .jpeg ? "interlace" : "", in: folder))
            for seed in Fuzz.seeds(300) {
                var numbers = SeededNumbers(seed)
                var file = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &numbers)))
                for _ in 0..<Int.random(in: 0..<8, using: &numbers) where !file.isEmpty {
                    let position = Int.random(in: 0..<file.count, using: &numbers)
                    file[position] = UInt8.random(in: 0...255, using: &numbers)
                }
                // Reading beyond the bytes would crash this process.
                _ = try? Repair.repaired(file, as: format, pixels: 1_000_000)
                _ = JPEGFile.scans(file, limit: 100)
            }
        }
    }

    private func jpeg(_ options: String) throws -> [UInt8] {
        try Photos.bytes(
            of: try Photos.converted(
                to: "jpg", width: 60, height: 40, options: options, in: folder))
    }

    private func request(
        _ bytes: [UInt8], _ format: ImageFormat, threads: Int = 1
    ) throws -> RenderRequest {
        let output = folder.file("sizes")
        try? FileManager.default.createDirectory(
            atPath: output, withIntermediateDirectories: false)
        return RenderRequest(
            original: try Photos.write(bytes, to: folder.file("file")), format: format, fit: .cover,
            folder: output, preset: Self.preset, limits: Resizer.limits, threads: threads)
    }

    private func render(
        _ bytes: [UInt8], _ format: ImageFormat, threads: Int = 1
    ) throws -> Resizer.Result {
        let request = try request(bytes, format, threads: threads)
        do {
            return .init(
                folder: request.folder, report: .rendered(try Resizer.renderer.render(request)))
        } catch {
            return .init(folder: request.folder, report: error.report)
        }
    }

    /// Expects that both files give the same variant, byte for byte.
    private func expectSame(
        _ damaged: [UInt8], as whole: [UInt8], _ format: ImageFormat, orFails: Bool = false,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let wanted = try Photos.bytes(of: try render(whole, format).path("thumbnail"))
        for threads in [1, 2] {
            let result = try render(damaged, format, threads: threads)
            if orFails, result.imageFailed == "corrupt_image" { continue }
            #expect(result.rendering != nil, "\(result.report)", sourceLocation: location)
            guard result.rendering != nil else { continue }
            let made = try Photos.bytes(of: result.path("thumbnail"))
            #expect(made == wanted, sourceLocation: location)
        }
    }
}

extension Pixels {
    /// Where to cut a small file: in the data of its first, middle and last rows.
    fileprivate static func rows(of bytes: [UInt8], _ format: ImageFormat) throws -> [Int] {
        func position(of mark: String) -> Int {
            let mark = Array(mark.utf8)
            return bytes.indices.first { bytes[$0...].starts(with: mark) } ?? 0
        }
        let (start, end) =
            switch format {
            // After the last start of scan, so that the earlier scans of a progressive file are kept.
            case .jpeg:
                (
                    bytes.indices.last { bytes[$0...].starts(with: [0xFF, 0xDA]) } ?? 0,
                    bytes.count - 2
                )
            case .png: (position(of: "IDAT"), position(of: "IEND") - 12)
            case .webp: (position(of: "VP8 ") + 8, WebP.withoutMetadata(bytes).count)
            case .gif: (position(of: "NETSCAPE") + 800, bytes.count - 4)
            case .avif, .heic: (position(of: "mdat"), bytes.count)
            }
        return [0.1, 0.5, 0.98].map { start + Int(Double(end - start) * $0) }
    }
}

/// GIF89a with frames of 30 x 40 pixels and one code per pixel.
private enum GIF {
    static let frameHeader: [UInt8] = [0x2C, 0, 0, 0, 0, 30, 0, 40, 0, 0]

    /// - Parameter extra: the number of codes after the last pixel.
    static func file(_ frames: [Int], extra: Int = 0) -> [UInt8] {
        var file: [UInt8] = Array("GIF89a".utf8) + [30, 0, 40, 0, 0xF7, 0, 0]
        for colour in 0...255 as ClosedRange<UInt8> { file += [colour, 255 - colour, 128] }
        for pixels in frames { file += frameHeader + [8] + blocks(codes(pixels + extra)) }
        return file + [0x3B]
    }

    /// With a clear code every 200 pixels, so that all codes have nine bits.
    private static func codes(_ pixels: Int) -> [UInt8] {
        var (bytes, bits, count): ([UInt8], Int, Int) = ([], 0, 0)
        func put(_ code: Int) {
            bits |= code << count
            count += 9
            while count >= 8 {
                bytes.append(UInt8(bits & 0xFF))
                bits >>= 8
                count -= 8
            }
        }
        for pixel in 0..<pixels {
            if pixel % 200 == 0 { put(256) }
            put(pixel * 7 % 256)
        }
        put(257)
        return bytes + [UInt8(bits & 0xFF)]
    }

    private static func blocks(_ data: [UInt8]) -> [UInt8] {
        var blocks: [UInt8] = []
        for start in stride(from: 0, to: data.count, by: 255) {
            let part = data[start..<min(data.count, start + 255)]
            blocks += [UInt8(part.count)] + part
        }
        return blocks + [0]
    }
}
