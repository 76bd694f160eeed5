extension BinaryInteger {
    /// Lower-case hexadecimal digits, padded with leading zeros to at least `digits`.
    package func hex(digits: Int) -> String {
        let text = String(self, radix: 16)
        return String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
    }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits for each byte.
    package var hex: String { map { $0.hex(digits: 2) }.joined() }
}
