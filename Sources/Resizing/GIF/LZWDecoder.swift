/// Decodes the pixels of a GIF's frames (GIF89a, appendix F), with the same memory for every frame.
struct LZWDecoder {
    /// Where the codes of a frame's pixels end.
    struct End {
        /// The number of bits of all codes up to there.
        let bits: Int
        /// The number of bits of the next code.
        let codeWidth: Int
    }

    /// The palette indexes of the last frame, in the order of the file, and some bytes more.
    private(set) var indexes: [UInt8] = []
    /// The codes without the sizes of the sub-blocks.
    private var codes: [UInt8] = []
    private var strings = [PixelString](repeating: PixelString(), count: 4096)

    /// The number of bytes after codes and indexes, so that eight bytes can be copied at once.
    private static let slack = 8

    /// Throws if the codes stand for fewer pixels than the frame has. Ignores the codes after the last pixel.
    mutating func decode(_ frame: GIFFile.Frame, of file: GIFFile) throws(Damage) -> End {
        gather(frame.data, of: file.bytes)
        let pixels = frame.place.size.area
        if indexes.count < pixels + Self.slack {
            indexes = [UInt8](repeating: 0, count: pixels + Self.slack)
        }
        let (count, end) = codes.withUnsafeBytes { codes in
            indexes.withUnsafeMutableBytes { indexes in
                strings.withUnsafeMutableBufferPointer { strings in
                    Self.decode(codes, frame.codeSize, to: indexes, pixels, strings)
                }
            }
        }
        guard count == pixels else {
            throw Damage(message: "a frame has \(count) of \(pixels) pixels")
        }
        return end
    }

    private mutating func gather(_ data: Range<Int>, of bytes: [UInt8]) {
        codes.removeAll(keepingCapacity: true)
        var position = data.lowerBound
        while position < data.upperBound {
            let start = position + 1
            position = min(data.upperBound, start + Int(bytes[position]))
            codes += bytes[start..<position]
        }
        codes += [UInt8](repeating: 0, count: Self.slack)
    }

    /// A code's pixels, which are in the frame already: at the place where the previous code was decoded
    /// when this one was defined, and the pixel after them.
    private struct PixelString {
        var start: UInt32 = 0
        var count: UInt32 = 0
    }

    /// Returns the number of pixels. Requires `slack` bytes after the codes and after the pixels. Reads and
    /// writes only there: a code is used only if it is defined since the last clear code, so its string ends
    /// at most one pixel after `position`, and is cut to the pixels that are missing.
    private static func decode(
        _ codes: UnsafeRawBufferPointer, _ codeSize: Int,
        to indexes: UnsafeMutableRawBufferPointer, _ pixels: Int,
        _ strings: UnsafeMutableBufferPointer<PixelString>
    ) -> (Int, End) {
        let bits = (codes.count - slack) * 8
        let clear = 1 << codeSize
        var (width, next, used, position) = (codeSize + 1, clear + 2, 0, 0)
        // Its count is 0 after a clear code.
        var previous = PixelString()
        while position < pixels, used &+ width <= bits {
            let word = codes.loadUnaligned(fromByteOffset: used >> 3, as: UInt64.self)
            let code =
                Int(truncatingIfNeeded: UInt64(littleEndian: word) &>> UInt64(used & 7))
                & (1 &<< width &- 1)
            used &+= width
            if code == clear {
                (width, next, previous.count) = (codeSize + 1, clear + 2, 0)
                continue
            }
            let newest = previous.count > 0 && next < 4096 ? next : -1
            if newest >= 0 {
                strings[next] = PixelString(start: previous.start, count: previous.count &+ 1)
            }
            if code < clear {
                indexes[position] = UInt8(truncatingIfNeeded: code)
                previous = PixelString(start: UInt32(truncatingIfNeeded: position), count: 1)
                position &+= 1
            } else {
                // The end code, or a code that is not defined.
                guard code != clear &+ 1, previous.count > 0, code < next || code == newest else {
                    break
                }
                let (start, length) = (Int(strings[code].start), Int(strings[code].count))
                let count = min(length, pixels &- position)
                var offset = 0
                while offset < count {
                    indexes.storeBytes(
                        of: indexes.loadUnaligned(
                            fromByteOffset: start &+ offset, as: UInt64.self),
                        toByteOffset: position &+ offset, as: UInt64.self)
                    offset &+= 8
                }
                // Its last pixel is its first one, which was not there yet.
                if code == newest, length == count {
                    indexes[position &+ length &- 1] = indexes[start]
                }
                previous = PixelString(
                    start: UInt32(truncatingIfNeeded: position),
                    count: UInt32(truncatingIfNeeded: length))
                position &+= count
            }
            if newest >= 0 {
                next &+= 1
                if next == 1 &<< width, width < 12 { width &+= 1 }
            }
        }
        return (position, End(bits: used, codeWidth: width))
    }
}
