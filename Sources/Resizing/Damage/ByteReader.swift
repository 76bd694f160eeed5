/// Reads untrusted bytes. Reading beyond their end gives nil.
struct ByteReader {
    let bytes: [UInt8]
    var position: Int

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var rest: Int { max(0, bytes.count - position) }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    /// Most significant byte first.
    mutating func bigEndian(_ count: Int) -> Int? {
        guard rest >= count else { return nil }
        defer { position += count }
        return bytes[position..<position + count].reduce(0) { $0 << 8 | Int($1) }
    }

    /// Least significant byte first.
    mutating func littleEndian(_ count: Int) -> Int? {
        guard rest >= count else { return nil }
        defer { position += count }
        return bytes[position..<position + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// The range of the next `count` bytes; nil, without moving, if there are fewer.
    mutating func skip(_ count: Int) -> Range<Int>? {
        guard count >= 0, rest >= count else { return nil }
        defer { position += count }
        return position..<position + count
    }
}
