import Foundation

/// A lower-case UUID of version 7 (RFC 9562, section 5.7). Sorting ids sorts by creation time, to the
/// millisecond, so a newest-first list needs no second column.
///
/// `Noun` lets the compiler reject an image's id where an account's is expected.
public struct Identifier<Noun>: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 36 characters, lower case.
    public let text: String

    public init(at now: Timestamp = .now()) {
        var bytes = UUID().uuid
        let milliseconds = UInt64(bitPattern: now.milliseconds)
        withUnsafeMutableBytes(of: &bytes) { raw in
            for index in 0..<6 {
                raw[index] = UInt8(truncatingIfNeeded: milliseconds >> UInt64(40 - 8 * index))
            }
            raw[6] = 0x70 | (raw[6] & 0x0F)
        }
        text = UUID(uuid: bytes).uuidString.lowercased()
    }

    /// Nil for anything but the canonical lower-case form, so that an id has only one spelling, also in
    /// paths.
    public init?(_ text: String) {
        var text = text
        guard text.withUTF8(isCanonical) else { return nil }
        self.text = text
    }

    /// When it was created, to the millisecond.
    public var createdAt: Timestamp {
        let digits = text.filter { $0 != "-" }.prefix(12)
        return Timestamp(milliseconds: Int64(digits, radix: 16) ?? 0)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let identifier = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a lower-case UUID")
        }
        self = identifier
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    public var description: String { text }
}

/// Not a member of `Identifier`, because generic code is much slower.
private func isCanonical(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count == 36 else { return false }
    for place in text.indices {
        let byte = text[place]
        let isRight =
            switch place {
            case 8, 13, 18, 23: byte == UInt8(ascii: "-")
            default: (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
            }
        guard isRight else { return false }
    }
    return true
}
