/// A JSON object (RFC 8259) of strings and whole numbers, as claims are written here: no nesting,
/// no other values, no member twice, nothing before or after. It refuses what
/// `JSONDecoder` forgives.
struct FlatJSON {
    enum Value: Equatable {
        case text(String)
        /// 0 to 2^53 - 1, which every JSON library reads alike (RFC 7493, section 2.2).
        case number(Int64)
    }

    private(set) var members: [String: Value] = [:]

    func text(_ name: String) -> String? {
        if case .text(let text) = members[name] { text } else { nil }
    }

    func number(_ name: String) -> Int64? {
        if case .number(let number) = members[name] { number } else { nil }
    }

    static func write(_ members: KeyValuePairs<String, Value>) -> String {
        let written = members.map { name, value in
            switch value {
            case .text(let text): "\(quoted(name)):\(quoted(text))"
            case .number(let number): "\(quoted(name)):\(number)"
            }
        }
        return "{\(written.joined(separator: ","))}"
    }

    /// Nil for anything but such an object.
    init?(_ bytes: [UInt8]) {
        var scanner = Scanner(rest: bytes[...])
        guard scanner.take("{") else { return nil }
        if !scanner.take("}") {
            repeat {
                guard let name = scanner.string(), scanner.take(":"), let value = scanner.value(),
                    members.updateValue(value, forKey: name) == nil
                else { return nil }
            } while scanner.take(",")
            guard scanner.take("}") else { return nil }
        }
        guard scanner.isAtEnd else { return nil }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private struct Scanner {
        var rest: ArraySlice<UInt8>

        /// White space around tokens (section 2) counts for nothing.
        mutating func take(_ token: Unicode.Scalar) -> Bool {
            skipSpace()
            guard rest.first == UInt8(ascii: token) else { return false }
            rest.removeFirst()
            return true
        }

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return rest.isEmpty
            }
        }

        mutating func value() -> Value? {
            skipSpace()
            if rest.first == UInt8(ascii: "\"") { return string().map(Value.text) }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty, digits.count <= 16, digits.count == 1 || digits.first != 0x30
            else { return nil }
            rest = rest.dropFirst(digits.count)
            let number = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
            return number < 1 << 53 ? .number(number) : nil
        }

        /// Of the escapes only those that `quoted` writes.
        mutating func string() -> String? {
            guard take("\"") else { return nil }
            var bytes: [UInt8] = []
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "\""): return String(validating: bytes, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let escaped = escape() else { return nil }
                    bytes.append(escaped)
                case 0..<0x20: return nil
                default: bytes.append(byte)
                }
            }
            return nil
        }

        private mutating func escape() -> UInt8? {
            guard let byte = rest.popFirst() else { return nil }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return byte }
            let digits = String(decoding: rest.prefix(4), as: UTF8.self)
            guard byte == UInt8(ascii: "u"), digits.utf8.count == 4, digits.hasPrefix("00"),
                let value = UInt8(digits, radix: 16), value < 0x20
            else { return nil }
            rest = rest.dropFirst(4)
            return value
        }

        private mutating func skipSpace() {
            rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        }
    }
}
