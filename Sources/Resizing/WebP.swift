import Glibc
import Model
import Processes

/// The RIFF container of WebP (RFC 9649, section 2.3).
enum WebP {
    /// An image with more pixels is decoded smaller if possible: libvips 8.14.1 needs up to 18 bytes per
    /// pixel, in four copies.
    static let largeArea = 16_000_000

    /// The size by the first chunk (RFC 9649, sections 2.5 to 2.7); nil if it is not above `largeArea`, or
    /// cannot be read.
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

    static func number(in file: [UInt8], at position: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(file[position + $1]) << (8 * $1) }
    }
}
