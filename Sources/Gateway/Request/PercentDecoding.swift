/// Undoes percent-encoding (RFC 3986, section 2.1). Nil for a broken escape, for what is not UTF-8
/// then, and for a NUL, which no text that we take may have.
func percentDecoded(_ encoded: some Sequence<UInt8>, plusIsSpace: Bool = false) -> String? {
    percentDecodedBytes(encoded, plusIsSpace: plusIsSpace)
        .flatMap { String(validating: $0, as: UTF8.self) }
}

/// The same before it is text.
func percentDecodedBytes(
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

/// A query as forms and URLSearchParams write it: `name=value&name=value`.
func queryArguments(_ query: String) -> [(name: String, value: String?)] {
    query.utf8.split(separator: UInt8(ascii: "&")).compactMap { pair in
        let name = pair.prefix { $0 != UInt8(ascii: "=") }
        let value = pair.dropFirst(name.count + 1)
        guard let name = percentDecoded(name, plusIsSpace: true) else { return nil }
        return (name, percentDecoded(value, plusIsSpace: true))
    }
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
