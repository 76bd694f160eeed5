import Glibc
import Model
import Processes

/// The RIFF container of WebP (RFC 9649, section 2.3).
enum WebP {
    /// Pixels above which it is decoded smaller where that is possible: libvips 8.14.1 holds up to 18
    /// bytes per pixel, in four copies.
    static let largeArea = 16_000_000

    /// The size by the first chunk (RFC 9649, sections 2.5 to 2.7); nil where it is not large.
    static func largeCanvas(of path: String) -> PixelSize? {
        guard let file = try? FileDescriptor(opening: path, O_RDONLY),
            let start = try? file.read(upTo: 30), start.count == 30
        else { return nil }
        let size =
            switch String(decoding: start[12..<16], as: UTF8.self) {
            case "VP8X":
                PixelSize(
                    width: (number(in: start, at: 24) & 0xFF_FFFF) + 1,
                    height: (number(in: start, at: 26) >> 8) + 1)
            case "VP8L":
                PixelSize(
                    width: (number(in: start, at: 21) & 0x3FFF) + 1,
                    height: (number(in: start, at: 21) >> 14 & 0x3FFF) + 1)
            case "VP8 ":
                PixelSize(
                    width: number(in: start, at: 26) & 0x3FFF,
                    height: number(in: start, at: 26) >> 16 & 0x3FFF)
            default: PixelSize(width: 0, height: 0)
            }
        return size.area > largeArea ? size : nil
    }

    /// Drops the EXIF, XMP and profile chunks. libvips 8.14.1 ignores `strip` when it saves WebP, and
    /// writes an EXIF chunk of its own even where there is nothing to say.
    static func withoutMetadata(_ file: [UInt8]) -> [UInt8] {
        var kept = Array(file.prefix(12))
        var position = 12
        while position + 8 <= file.count {
            let length = 8 + padded(number(in: file, at: position + 4))
            guard position + length <= file.count else { return file }
            let chunk = file[position..<position + length]
            let name = String(decoding: chunk.prefix(4), as: UTF8.self)
            if !["EXIF", "XMP ", "ICCP"].contains(name) {
                kept += chunk
                if name == "VP8X" { kept[kept.count - length + 8] &= ~metadataFlags }
            }
            position += length
        }
        let size = UInt32(kept.count - 8)
        for index in 0..<4 { kept[4 + index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
        return kept
    }

    /// VP8X, first byte: ICC profile, EXIF, XMP.
    private static let metadataFlags: UInt8 = 0b0010_1100

    private static func number(in file: [UInt8], at position: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(file[position + $1]) << (8 * $1) }
    }

    /// Chunks begin at even offsets.
    private static func padded(_ length: Int) -> Int { length + length % 2 }
}
