/// Decodes percent-encoding (RFC 3986, section 2.1). Nil for an invalid escape, for a result that is not
/// UTF-8, and for a NUL, which no accepted text may have.
public func percentDecoded(_ encoded: some Sequence<UInt8>, plusIsSpace: Bool = false) -> String? {
    percentDecodedBytes(encoded, plusIsSpace: plusIsSpace)
        .flatMap { String(validating: $0, as: UTF8.self) }
}

/// The same, but the result is bytes and need not be UTF-8.
public func percentDecodedBytes(
    _ encoded: some Sequence<UInt8>, plusIsSpace: Bool = false
) -> [UInt8]? {
    var decoded: [UInt8] = []
    var bytes = encoded.makeIterator()
    while let byte = bytes.next() {
        switch byte {
        case UInt8(ascii: "%"):
            guard let high = bytes.next().flatMap(hexadecimalDigit),
                let low = bytes.next().flatMap(hexadecimalDigit)
            else { return nil }
            decoded.append(high << 4 | low)
        case UInt8(ascii: "+") where plusIsSpace:
            decoded.append(UInt8(ascii: " "))
        default:
            decoded.append(byte)
        }
    }
    return decoded.contains(0) ? nil : decoded
}

/// Encodes all bytes except RFC 3986's unreserved characters (section 2.3) as `%` and two upper-case digits.
public func percentEncoded(_ text: String) -> String {
    let hexadecimal = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in text.utf8 {
        switch UnicodeScalar(byte) {
        case "A"..."Z", "a"..."z", "0"..."9", "-", ".", "_", "~": encoded.append(byte)
        default:
            encoded += [
                UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)],
            ]
        }
    }
    return String(decoding: encoded, as: UTF8.self)
}

/// The value of a hexadecimal digit; nil for any other byte.
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
