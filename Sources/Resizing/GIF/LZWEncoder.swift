/// Encodes palette indexes as LZW codes in sub-blocks (GIF89a, appendix F).
struct LZWEncoder {
    /// The codes that are defined, by the code before them and the index that follows: a hash table with
    /// open addressing. An entry is the code before (12 bits), the index (8 bits) and the code (12 bits); 0 is
    /// none, because a code that is defined is never 0.
    private var table = [UInt32](repeating: 0, count: 1 << tableBits)

    /// Four times as many entries as codes.
    private static let tableBits = 14
    private static let codeLimit = 4096
    /// With a full table, after how many codes the number of their indexes is checked.
    private static let checkedCodes = 256

    /// Appends the code size, the codes and the end of the block to a file.
    ///
    /// - Parameter codeSize: 2 to 8; every index is less than 1 << codeSize. There must be an index.
    mutating func encode(_ indexes: [UInt8], codeSize: Int, to file: inout [UInt8]) {
        file.append(UInt8(codeSize))
        var codes = SubBlocks()
        let clear = UInt32(1) << UInt32(codeSize)
        var (next, width) = (clear + 2, UInt32(codeSize) + 1)
        removeCodes()
        codes.append(clear, width, to: &file)
        // The number of codes since the table was cleared or checked, and where the first of them started.
        var (written, start) = (0, 0)
        // The most indexes that as many codes as are checked stood for.
        var most = 0
        var string = UInt32(indexes[0])
        for position in 1..<max(1, indexes.count) {
            let key = string << 8 | UInt32(indexes[position])
            let place = place(of: key)
            let entry = table[place]
            if entry != 0 {
                string = entry & 0xFFF
                continue
            }
            codes.append(string, width, to: &file)
            string = key & 0xFF
            written += 1
            if next < Self.codeLimit {
                table[place] = key << 12 | next
                // The decoder defines this code one code later.
                if next == 1 << width { width += 1 }
                next += 1
                if next == Self.codeLimit {
                    most = (position - start) * Self.checkedCodes / written
                    (written, start) = (0, position)
                }
            } else if written == Self.checkedCodes {
                // A full table is used as long as it fits the indexes: for photographs that is 4 % smaller
                // than to clear it at once, for text it is the same.
                let count = position - start
                if count * 8 < most * 7 {
                    codes.append(clear, width, to: &file)
                    removeCodes()
                    (next, width) = (clear + 2, UInt32(codeSize) + 1)
                }
                (written, start, most) = (0, position, max(most, count))
            }
        }
        codes.append(string, width, to: &file)
        if next < Self.codeLimit, next == 1 << width { width += 1 }
        codes.append(clear + 1, width, to: &file)
        codes.finish(&file)
    }

    private mutating func removeCodes() {
        for place in table.indices { table[place] = 0 }
    }

    /// Where the entry for a code and an index is or has to be.
    @inline(__always)
    private func place(of key: UInt32) -> Int {
        var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B1) &>> UInt32(32 - Self.tableBits))
        while true {
            let entry = table[place]
            if entry == 0 || entry &>> 12 == key { return place }
            place = (place &+ 1) & (1 << Self.tableBits &- 1)
        }
    }
}

/// Writes codes of up to 12 bits into sub-blocks of up to 255 bytes (GIF89a, section 15).
private struct SubBlocks {
    private var block = [UInt8](repeating: 0, count: 256)
    private var count = 0
    private var bits: UInt32 = 0
    private var bitCount: UInt32 = 0

    @inline(__always)
    mutating func append(_ code: UInt32, _ width: UInt32, to file: inout [UInt8]) {
        bits |= code &<< bitCount
        bitCount &+= width
        while bitCount >= 8 {
            append(UInt8(truncatingIfNeeded: bits), to: &file)
            bits &>>= 8
            bitCount &-= 8
        }
    }

    /// Writes the last sub-block and the one without bytes, which is the end.
    mutating func finish(_ file: inout [UInt8]) {
        if bitCount > 0 { append(UInt8(truncatingIfNeeded: bits), to: &file) }
        if count > 0 { write(to: &file) }
        file.append(0)
    }

    @inline(__always)
    private mutating func append(_ byte: UInt8, to file: inout [UInt8]) {
        count &+= 1
        block[count] = byte
        if count == 255 { write(to: &file) }
    }

    private mutating func write(to file: inout [UInt8]) {
        block[0] = UInt8(count)
        file += block[...count]
        count = 0
    }
}
