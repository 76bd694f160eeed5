import Cryptography
import Model
import Text

/// A key's text: `mr_`, 30 random characters (178 bits), and a checksum of 6 characters, all base62. The
/// checksum distinguishes a typo from a revoked key, and lets a scanner find keys that were published by
/// mistake, both without the database.
extension APIKey {
    public static let prefix = "mr_"

    /// A new key, and the digest that is stored instead of it.
    public static func make() -> (text: String, digest: [UInt8]) {
        let body = prefix + randomDigits(30)
        let text = body + checksum(of: body)
        return (text, SHA256.of(Array(text.utf8)))
    }

    /// The digest that is stored for this key; nil if the text cannot be a key. A plain digest is enough,
    /// because keys are random and not chosen by users.
    public static func digest(of text: String) -> [UInt8]? {
        guard text.utf8.count == 39, text.starts(withBytes: prefix),
            text.utf8.dropFirst(3).allSatisfy(digits.contains),
            String(text.suffix(6)) == checksum(of: String(text.dropLast(6)))
        else { return nil }
        return SHA256.of(Array(text.utf8))
    }

    private static let digits = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    private static func randomDigits(_ count: Int) -> String {
        var found: [UInt8] = []
        while found.count < count {
            // 248 is four times 62: with higher values, some digits would be more frequent than others.
            found += SecureRandom.bytes(count).filter { $0 < 248 }.map { digits[Int($0) % 62] }
        }
        return String(decoding: found.prefix(count), as: UTF8.self)
    }

    private static func checksum(of text: String) -> String {
        var rest = crc32(Array(text.utf8))
        var reversed: [UInt8] = []
        for _ in 0..<6 {
            reversed.append(digits[Int(rest % 62)])
            rest /= 62
        }
        return String(decoding: reversed.reversed(), as: UTF8.self)
    }

    /// The CRC of Ethernet, gzip and PNG (RFC 1952, section 8).
    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in
                crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0)
            }
        }
    }
}
