/// The blocks of a GIF89a file. libnsgif shows a frame whose pixels end early, and refuses a file whose last
/// block ends early. So the pixels of each frame are counted here.
struct GIFFile {
    /// The position after the last frame that has all its pixels.
    private(set) var end: Int
    /// The number of frames with all their pixels.
    private(set) var frames = 0

    /// Throws if a frame has fewer pixels than its header claims. Ignores everything else that is missing or
    /// wrong.
    init(_ file: [UInt8]) throws(Damage) {
        var reader = ByteReader(file, at: 10)
        let flags = reader.byte() ?? 0
        _ = reader.skip(2 + Self.paletteBytes(flags))
        end = reader.position
        while let block = reader.byte() {
            switch block {
            case 0x21:
                _ = reader.skip(1)
                while let count = reader.byte(), count > 0 {
                    guard reader.skip(Int(count)) != nil else { return }
                }
            case 0x2C:
                try readFrame(&reader)
                frames += 1
                end = reader.position
            case 0x00: continue  // A second end of a block, as some encoders write.
            default: return  // The trailer, or an undefined block.
            }
        }
    }

    /// The file with a trailer after its last frame. Throws if a frame lacks pixels, or if there is none.
    static func repaired(_ file: [UInt8]) throws(Damage) -> [UInt8] {
        let content = try GIFFile(file)
        guard content.frames > 0 else { throw Damage(message: "no frame") }
        var repaired = Array(file[..<content.end])
        repaired += content.lacking
        return repaired + [0x3B]
    }

    /// What the end of the last frame's data lacks in the file: the missing bytes of its last sub-block, and
    /// the empty sub-block.
    private var lacking: [UInt8] = []

    private mutating func readFrame(_ reader: inout ByteReader) throws(Damage) {
        guard reader.skip(4) != nil, let width = reader.littleEndian(2),
            let height = reader.littleEndian(2), let flags = reader.byte(),
            reader.skip(Self.paletteBytes(flags)) != nil, let codeSize = reader.byte()
        else { throw Damage(message: "frame \(frames) has no data") }
        let pixels = width * height
        guard var counter = PixelCounter(codeSize: Int(codeSize), pixels: pixels) else {
            throw Damage(message: "frame \(frames) has codes of \(codeSize) bits")
        }
        lacking = [0]
        while let count = reader.byte() {
            if count == 0 {
                lacking = []
                break
            }
            let present = min(Int(count), reader.rest)
            guard let data = reader.skip(present) else { break }
            reader.bytes.withUnsafeBufferPointer { counter.read($0[data]) }
            if present < count {
                lacking = [UInt8](repeating: 0, count: Int(count) - present) + [0]
            }
        }
        guard counter.missing == 0 else {
            throw Damage(
                message: "frame \(frames) has \(pixels - counter.missing) of \(pixels) pixels")
        }
    }

    private static func paletteBytes(_ flags: UInt8) -> Int {
        flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1)
    }
}

/// Counts the pixels for which LZW codes stand (GIF89a, appendix F), without decoding them.
private struct PixelCounter {
    /// Pixels that are still missing.
    private(set) var missing: Int
    private let codeSize: Int
    private let clear: Int
    private var hasEnded = false
    private var bits = 0
    private var bitCount = 0
    private var width: Int
    private var next: Int
    private var previous = -1
    /// The number of pixels for which each code stands.
    private var lengths: [Int32]

    init?(codeSize: Int, pixels: Int) {
        guard 1...11 ~= codeSize else { return nil }
        missing = pixels
        self.codeSize = codeSize
        clear = 1 << codeSize
        width = codeSize + 1
        next = clear + 2
        lengths = [Int32](repeating: 1, count: 4096)
    }

    mutating func read(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        for byte in bytes {
            bits |= Int(byte) << bitCount
            bitCount += 8
            while bitCount >= width {
                guard missing > 0, !hasEnded else { return }
                let code = bits & (1 << width - 1)
                bits >>= width
                bitCount -= width
                take(code)
            }
        }
    }

    private mutating func take(_ code: Int) {
        if code == clear {
            width = codeSize + 1
            next = clear + 2
            previous = -1
        } else if code == clear + 1 || code > next || (previous < 0 && code >= clear) {
            hasEnded = true  // The end code, or a code that is not defined yet.
        } else {
            if previous >= 0, next < 4096 {
                lengths[next] = lengths[previous] + 1
                next += 1
                if next == 1 << width, width < 12 { width += 1 }
            }
            missing -= min(missing, Int(lengths[code]))
            previous = code
        }
    }
}
