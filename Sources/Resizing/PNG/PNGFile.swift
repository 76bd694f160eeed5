import Glibc
import Processes

/// The chunks of a PNG file (W3C, third edition).
enum PNGFile {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    struct Chunk {
        let name: String
        let data: Range<Int>
    }

    /// All chunks, regardless of their checksums. The last one may end early.
    struct Chunks: Sequence, IteratorProtocol {
        private var reader: ByteReader

        init(_ file: [UInt8]) {
            reader = ByteReader(file, at: PNGFile.signature.count)
        }

        mutating func next() -> Chunk? {
            guard let length = reader.bigEndian(4), let name = reader.skip(4),
                let data = reader.skip(Swift.min(length, reader.rest))
            else { return nil }
            _ = reader.skip(4)
            return Chunk(name: String(decoding: reader.bytes[name], as: UTF8.self), data: data)
        }
    }

    /// The file with correct checksums, an end, and the data of all rows in one complete zlib stream.
    ///
    /// Drops chunks after the rows, text, and the palette of a true colour image: there it is only a
    /// suggestion, and after the transparent colour it makes libpng ignore that colour.
    static func repaired(_ file: [UInt8], pixels: Int) throws(Damage) -> [UInt8] {
        var header: PNGHeader?
        var kept: [(chunk: Chunk, isDropped: Bool)] = []
        var rows: [Range<Int>] = []
        for chunk in Chunks(file) {
            if chunk.name == "IDAT" {
                rows.append(chunk.data)
                continue
            }
            guard rows.isEmpty else { break }
            if chunk.name == "IHDR" { header = PNGHeader(file[chunk.data]) }
            let isSuggestion = chunk.name == "PLTE" && header?.isTrueColour == true
            kept.append((chunk, isSuggestion || isText(chunk)))
        }
        guard let header, kept.first?.chunk.name == "IHDR" else { throw Damage(message: "no IHDR") }
        guard header.width <= pixels, header.height <= pixels,
            header.width * header.height <= pixels
        else { throw Damage(message: "more pixels than the limit") }
        let data = try DeflatedRows.repaired(rows.map { file[$0] }, bytes: header.dataBytes)
        var repaired = signature
        for (chunk, isDropped) in kept where !isDropped {
            append(chunk.name, file[chunk.data], to: &repaired)
        }
        append("IDAT", data[...], to: &repaired)
        append("IEND", [], to: &repaired)
        return repaired
    }

    /// The file without the data after the last row (and without its text), if there may be much of it:
    /// libpng inflates all of it, up to a thousand times the file's size. Nil for every other file, and if
    /// the file cannot be repaired.
    static func withoutTail(_ path: String, pixels: Int) -> [UInt8]? {
        guard isDense(path), let file = try? Original.bytes(of: path) else { return nil }
        return try? repaired(file, pixels: pixels)
    }

    /// Whether about a quarter of a megabyte of its data consists of few different bytes, as in data that
    /// inflates to hundreds of times its size. Samples 256 bytes of every 64 KB; the data of a photo has many
    /// different bytes. A file with so many chunks that this would take long counts as dense.
    private static func isDense(_ path: String) -> Bool {
        guard let file = try? FileDescriptor(opening: path, O_RDONLY) else { return false }
        var position = Int64(signature.count)
        var (passed, next, dense) = (0, 0, 0)
        for _ in 0..<20_000 {
            guard let head = try? file.read(upTo: 8, at: position) else { return false }
            var reader = ByteReader(head)
            guard let length = reader.bigEndian(4), let name = reader.skip(4) else { return false }
            if head[name].elementsEqual("IDAT".utf8) {
                while next < passed + length {
                    let place = position + 8 + Int64(next - passed)
                    guard let sample = try? file.read(upTo: 256, at: place), sample.count == 256
                    else { return false }
                    if Set(sample).count < 32 { dense += 1 }
                    if dense == 4 { return true }
                    next += 1 << 16
                }
                passed += length
            }
            position += Int64(length) + 12
        }
        return true
    }

    /// The file without its text, if some of that is compressed: libpng inflates all text before the first row,
    /// to many times the file's size, although none of it is used. Nil for every other file.
    static func withoutText(
        _ path: String, _ head: borrowing PNGHead
    ) throws(RenderError) -> [UInt8]? {
        guard head.isTooLong || head.has("zTXt") || head.has("iTXt") else { return nil }
        let file = try Original.bytes(of: path)
        var kept = signature
        for chunk in Chunks(file) {
            guard chunk.name != "IDAT" else {
                // The rest is unchanged, including checksums.
                return kept + file[(chunk.data.lowerBound - 8)...]
            }
            guard !isText(chunk) else { continue }
            kept += file[chunk.data.lowerBound - 8..<min(file.count, chunk.data.upperBound + 4)]
        }
        return nil
    }

    static func isText(_ chunk: Chunk) -> Bool {
        ["tEXt", "zTXt", "iTXt"].contains(chunk.name)
    }

    static func append(_ name: String, _ data: ArraySlice<UInt8>, to file: inout [UInt8]) {
        file += bigEndian(UInt32(data.count))
        let start = file.count
        file += Array(name.utf8) + data
        file += bigEndian(Checksum.crc32(file[start...]))
    }

    static func bigEndian(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
}

/// The fields of IHDR that decide how much data the rows have.
struct PNGHeader {
    let width: Int
    let height: Int
    private let bitsPerPixel: Int
    private let isInterlaced: Bool
    /// RGB, with alpha or without.
    let isTrueColour: Bool

    init?(_ data: ArraySlice<UInt8>) {
        var reader = ByteReader(Array(data))
        guard let width = reader.bigEndian(4), let height = reader.bigEndian(4),
            let depth = reader.byte(), let colour = reader.byte(), reader.skip(2) != nil,
            let interlace = reader.byte(), 1...Self.largest ~= width, 1...Self.largest ~= height,
            [1, 2, 4, 8, 16].contains(depth),
            let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colour]
        else { return nil }
        self.width = width
        self.height = height
        bitsPerPixel = channels * Int(depth)
        isInterlaced = interlace == 1
        isTrueColour = colour == 2 || colour == 6
    }

    /// Section 7.1.
    private static let largest = Int(Int32.max)

    /// Bytes of all rows: a filter byte and the pixels of each row, for each of Adam7's passes if interlaced.
    var dataBytes: Int {
        let passes: [(x: Int, y: Int, across: Int, down: Int)] =
            isInterlaced
            ? [
                (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
                (0, 1, 1, 2),
            ]
            : [(0, 0, 1, 1)]
        return passes.reduce(0) { sum, pass in
            let columns = (width - pass.x + pass.across - 1) / pass.across
            let rows = (height - pass.y + pass.down - 1) / pass.down
            guard columns > 0, rows > 0 else { return sum }
            return sum + rows * (1 + (columns * bitsPerPixel + 7) / 8)
        }
    }
}
