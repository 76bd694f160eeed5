/// Reads JSON (RFC 8259) token by token, and skips white space before each token.
public struct JSONScanner {
    private var rest: ArraySlice<UInt8>

    public init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// Whether `bytes` are one JSON text, with objects and arrays nested at most `depth` deep. Does not check
    /// that they are UTF-8.
    ///
    /// JSONDecoder accepts a superfluous comma, and, in members that it does not decode, also unescaped line
    /// feeds in strings and unpaired surrogates. If two programs read one text differently, a request can
    /// bypass a check. So a text that is not JSON is refused before anything is read from it.
    public static func isValid(_ bytes: [UInt8], depth: Int = 64) -> Bool {
        firstError(in: bytes, depth: depth) == nil
    }

    /// The offset of the first byte that is not valid, by the rules of `isValid`, or the number of bytes if
    /// the text ends too early. Nil if the text is valid.
    public static func firstError(in bytes: [UInt8], depth: Int = 64) -> Int? {
        var scanner = JSONScanner(bytes)
        let isValid = scanner.value(depth: depth) && scanner.isAtEnd
        return isValid ? nil : bytes.count - scanner.rest.count
    }

    public var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return rest.isEmpty
        }
    }

    public mutating func take(_ token: Unicode.Scalar) -> Bool {
        skipSpace()
        guard rest.first == UInt8(ascii: token) else { return false }
        rest.removeFirst()
        return true
    }

    /// A string as written, with its escapes and without its quotation marks (section 7). Nil if there is
    /// none, or if it is not valid: the scanner is then at its first invalid byte or escape.
    public mutating func string() -> ArraySlice<UInt8>? {
        guard take("\"") else { return nil }
        let start = rest
        while let byte = rest.popFirst() {
            let left = rest.count + 1
            switch byte {
            case UInt8(ascii: "\""): return start.prefix(start.count - left)
            case UInt8(ascii: "\\"):
                guard escape() else {
                    rest = start.suffix(left)
                    return nil
                }
            case 0..<0x20:
                rest = start.suffix(left)
                return nil
            default: continue
            }
        }
        return nil
    }

    /// A number as written (section 6). Nil if there is none.
    public mutating func number() -> ArraySlice<UInt8>? {
        skipSpace()
        let start = rest
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        if rest.first == UInt8(ascii: "0") {
            rest.removeFirst()
        } else {
            guard digits() else { return nil }
        }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard digits() else { return nil }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
                rest.removeFirst()
            }
            guard digits() else { return nil }
        }
        return start.prefix(start.count - rest.count)
    }

    private mutating func value(depth: Int) -> Bool {
        skipSpace()
        switch rest.first {
        case UInt8(ascii: "{"): return depth > 0 && object(depth: depth - 1)
        case UInt8(ascii: "["): return depth > 0 && array(depth: depth - 1)
        case UInt8(ascii: "\""): return string() != nil
        case UInt8(ascii: "t"): return word("true")
        case UInt8(ascii: "f"): return word("false")
        case UInt8(ascii: "n"): return word("null")
        default: return number() != nil
        }
    }

    private mutating func object(depth: Int) -> Bool {
        guard take("{") else { return false }
        if take("}") { return true }
        repeat {
            guard string() != nil, take(":"), value(depth: depth) else { return false }
        } while take(",")
        return take("}")
    }

    private mutating func array(depth: Int) -> Bool {
        guard take("[") else { return false }
        if take("]") { return true }
        repeat {
            guard value(depth: depth) else { return false }
        } while take(",")
        return take("]")
    }

    private mutating func escape() -> Bool {
        guard let byte = rest.popFirst() else { return false }
        guard byte == UInt8(ascii: "u") else { return #""\/bfnrt"#.utf8.contains(byte) }
        guard let unit = codeUnit() else { return false }
        switch unit {
        case 0xD800...0xDBFF:
            guard rest.popFirst() == UInt8(ascii: "\\"), rest.popFirst() == UInt8(ascii: "u"),
                let low = codeUnit()
            else { return false }
            return (0xDC00...0xDFFF).contains(low)
        case 0xDC00...0xDFFF: return false
        default: return true
        }
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit() -> UInt16? {
        let digits = rest.prefix(4)
        rest = rest.dropFirst(4)
        // UInt16 would take a sign as well.
        guard digits.count == 4, digits.allSatisfy({ hexadecimalDigit($0) != nil }) else {
            return nil
        }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    /// At least one digit.
    private mutating func digits() -> Bool {
        let count = rest.count
        rest = rest.drop { (0x30...0x39).contains($0) }
        return rest.count < count
    }

    private mutating func word(_ word: String) -> Bool {
        guard rest.starts(with: word.utf8) else { return false }
        rest = rest.dropFirst(word.utf8.count)
        return true
    }

    /// White space between tokens (section 2).
    public static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private mutating func skipSpace() {
        rest = rest.drop(while: Self.isSpace)
    }
}
