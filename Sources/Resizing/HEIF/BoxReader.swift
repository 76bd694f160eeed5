/// A HEIC or AVIF file violates a rule on which its decoder relies. `message` is a message for the log.
struct MalformedHEIF: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// Reads a part of a file from beginning to end, and throws instead of reading beyond it.
struct BoxReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    init(_ bytes: [UInt8]) {
        self.init(bytes[...])
    }

    var left: Int { bytes.endIndex - position }
    var isAtEnd: Bool { left == 0 }

    mutating func byte() throws(MalformedHEIF) -> Int { try number(1) }

    /// A big-endian number of 0 to 8 bytes.
    mutating func number(_ count: Int) throws(MalformedHEIF) -> Int {
        var value: UInt64 = 0
        for byte in try take(count) { value = value << 8 | UInt64(byte) }
        guard let number = Int(exactly: value) else { throw MalformedHEIF("a number is too large") }
        return number
    }

    /// Four characters that name a kind of box, item, property or reference.
    mutating func code() throws(MalformedHEIF) -> String {
        String(decoding: try take(4), as: UTF8.self)
    }

    /// A text that ends at a zero byte.
    mutating func text() throws(MalformedHEIF) -> String {
        guard let end = bytes[position...].firstIndex(of: 0) else {
            throw MalformedHEIF("a text has no end")
        }
        defer { position = end + 1 }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    mutating func skip(_ count: Int) throws(MalformedHEIF) {
        _ = try take(count)
    }

    mutating func part(_ count: Int) throws(MalformedHEIF) -> BoxReader {
        BoxReader(try take(count))
    }

    mutating func rest() -> ArraySlice<UInt8> {
        defer { position = bytes.endIndex }
        return bytes[position...]
    }

    private mutating func take(_ count: Int) throws(MalformedHEIF) -> ArraySlice<UInt8> {
        guard (0...left).contains(count) else { throw MalformedHEIF("a box is cut off") }
        defer { position += count }
        return bytes[position..<position + count]
    }
}

/// Reads numbers of 0 to 32 bits, most significant bit first.
struct BitReader {
    private let bytes: ArraySlice<UInt8>
    private var position = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    mutating func bits(_ count: Int) throws(MalformedHEIF) -> Int {
        guard (0...32).contains(count), position + count <= bytes.count * 8 else {
            throw MalformedHEIF("a coded header is cut off")
        }
        var value = 0
        for _ in 0..<count {
            let byte = bytes[bytes.startIndex + position / 8]
            value = value << 1 | Int(byte >> (7 - position % 8) & 1)
            position += 1
        }
        return value
    }

    mutating func flag() throws(MalformedHEIF) -> Bool { try bits(1) == 1 }

    mutating func skip(_ count: Int) throws(MalformedHEIF) {
        guard position + count <= bytes.count * 8 else {
            throw MalformedHEIF("a coded header is cut off")
        }
        position += count
    }

    /// An Exp-Golomb code (ITU-T H.265, 9.2).
    mutating func golomb() throws(MalformedHEIF) -> Int {
        var zeros = 0
        while try !flag() {
            zeros += 1
            guard zeros < 32 else { throw MalformedHEIF("a coded number is too large") }
        }
        return (1 << zeros) - 1 + (try bits(zeros))
    }
}
