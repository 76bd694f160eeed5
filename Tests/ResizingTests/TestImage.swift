import Foundation
import Support

@testable import Resizing

/// Pixels that a test computes, and a PNG of them.
struct TestImage {
    let width: Int
    let height: Int
    /// Grey, grey and alpha, RGB, or RGB and alpha.
    let bands: Int
    /// 8 or 16 bits per channel.
    let depth: Int
    private(set) var values: [UInt16]

    init(
        _ width: Int, _ height: Int, bands: Int = 3, depth: Int = 8,
        _ value: (_ x: Int, _ y: Int) -> [Int]
    ) {
        (self.width, self.height, self.bands, self.depth) = (width, height, bands, depth)
        values = []
        for y in 0..<height {
            for x in 0..<width { values += value(x, y).map { UInt16(clamping: $0) } }
        }
    }

    subscript(x: Int, y: Int) -> [Int] {
        values[(y * width + x) * bands..<(y * width + x + 1) * bands].map(Int.init)
    }

    /// Without a filter, and not compressed.
    ///
    /// - Parameter chunks: before the pixels.
    func png(_ chunks: [(name: String, data: [UInt8])] = []) -> [UInt8] {
        var rows: [UInt8] = []
        for y in 0..<height {
            rows.append(0)
            for value in values[y * width * bands..<(y + 1) * width * bands] {
                rows += depth == 16 ? HEIFMaker.number(Int(value), 2) : [UInt8(value)]
            }
        }
        let colour: UInt8 = [0, 4, 2, 6][bands - 1]
        var file = PNGFile.signature
        let size = HEIFMaker.number(width, 4) + HEIFMaker.number(height, 4)
        PNGFile.append("IHDR", (size + [UInt8(depth), colour, 0, 0, 0])[...], to: &file)
        for chunk in chunks { PNGFile.append(chunk.name, chunk.data[...], to: &file) }
        PNGFile.append("IDAT", Self.stored(rows)[...], to: &file)
        PNGFile.append("IEND", [], to: &file)
        return file
    }

    func write(_ name: String, _ chunks: [(String, [UInt8])] = [], in folder: TemporaryFolder)
        throws
        -> String
    {
        try Photos.write(png(chunks), to: folder.file(name))
    }

    /// A zlib stream of blocks that are not compressed (RFC 1950 and RFC 1951, 3.2.4).
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 1]
        for start in stride(from: 0, to: max(1, bytes.count), by: 65_535) {
            let block = bytes[start..<min(bytes.count, start + 65_535)]
            let length = [UInt8(block.count & 255), UInt8(block.count >> 8)]
            stream += [start + 65_535 >= bytes.count ? 1 : 0] + length + length.map { ~$0 } + block
        }
        var (a, b) = (1, 0)
        for byte in bytes {
            a = (a + Int(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return stream + HEIFMaker.number(b << 16 | a, 4)
    }
}
