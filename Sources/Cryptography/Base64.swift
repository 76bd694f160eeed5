/// Base64 with the URL-safe alphabet (RFC 4648, section 5), without padding.
public enum Base64URL {
    public static func encode(_ bytes: [UInt8]) -> String { Base64.url.encode(bytes) }

    /// Encodes into `text`, which must hold `length(of:)` bytes. Returns the number of bytes written.
    public static func encode(
        _ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        Base64.url.encode(bytes, into: text)
    }

    /// The number of digits that encode this number of bytes.
    public static func length(of bytes: Int) -> Int { (bytes * 4 + 2) / 3 }

    /// Nil for anything that `encode` does not write: padding, white space, other characters, or unused
    /// bits that are not zero (section 3.5), so that no two texts decode to the same bytes.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? { Base64.url.decode(text) }
}

/// Both alphabets, unpadded: tokens use `url`, password hashes (PHC strings) `standard`.
package struct Base64: Sendable {
    private let digits: [UInt8]
    /// The value of each digit, by its byte; 255 for other bytes.
    private let values: [UInt8]

    package static let url = Base64(last: "-_")
    package static let standard = Base64(last: "+/")

    private init(last: String) {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        digits = Array((letters + last).utf8)
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        self.values = values
    }

    package func isAlphabet(_ text: String) -> Bool {
        text.utf8.allSatisfy { values[Int($0)] < 64 }
    }

    package func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: Base64URL.length(of: bytes.count)) { text in
            bytes.withUnsafeBytes { encode($0, into: text) }
        }
    }

    package func encode(
        _ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        var end = 0
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 6 {
                held -= 6
                text[end] = digits[Int(bits >> held & 63)]
                end += 1
            }
        }
        if held > 0 {
            text[end] = digits[Int(bits << (6 - held) & 63)]
            end += 1
        }
        return end
    }

    package func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 3 / 4)
        var bits: UInt32 = 0
        var held = 0
        for digit in text.utf8 {
            let value = values[Int(digit)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        // Six unused bits are a superfluous digit. Fewer are padding, which must be zero.
        guard held < 6, bits & ((1 << UInt32(held)) - 1) == 0 else { return nil }
        return bytes
    }
}
