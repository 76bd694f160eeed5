import Support

/// PNG chunks (third edition, section 5.3).
enum PNGChunks {
    static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return number(data.count) + body + number(Int(checksum(body[...])))
    }

    static func number(_ value: Int) -> [UInt8] {
        (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// The data of all chunks with this name.
    static func data(_ name: String, of file: [UInt8]) -> [UInt8] {
        places(in: file).filter {
            file[($0.lowerBound - 4)..<$0.lowerBound].elementsEqual(name.utf8)
        }
        .flatMap { file[$0] }
    }

    static func correctChecksums(in file: inout [UInt8]) {
        for place in places(in: file) {
            file.replaceSubrange(
                place.upperBound..<place.upperBound + 4,
                with: number(Int(checksum(file[place.lowerBound - 4..<place.upperBound]))))
        }
    }

    /// Of the data of each complete chunk.
    private static func places(in file: [UInt8]) -> [Range<Int>] {
        var places: [Range<Int>] = []
        var position = 8
        while position + 12 <= file.count {
            let length = file[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= file.count - position - 12 else { break }
            places.append(position + 8..<position + 8 + length)
            position += length + 12
        }
        return places
    }

    /// CRC-32 as in annex D.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~0 as UInt32) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
                sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1
            }
        }
    }
}
