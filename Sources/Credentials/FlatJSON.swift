import Text

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
        var scanner = Scanner(bytes: bytes)
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
                quoted += "\\u" + scalar.value.hex(digits: 4)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        /// White space around tokens (section 2) counts for nothing.
        mutating func take(_ token: Unicode.Scalar) -> Bool {
            skipSpace()
            guard next == UInt8(ascii: token) else { return false }
            position += 1
            return true
        }

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return next == nil
            }
        }

        mutating func value() -> Value? {
            skipSpace()
            if next == UInt8(ascii: "\"") { return string().map(Value.text) }
            let start = position
            var number: Int64 = 0
            while let digit = next, (0x30...0x39).contains(digit), position - start < 17 {
                number = number * 10 + Int64(digit - 0x30)
                position += 1
            }
            let count = position - start
            guard count > 0, count <= 16, count == 1 || bytes[start] != 0x30 else { return nil }
            return number < 1 << 53 ? .number(number) : nil
        }

        /// Of the escapes only those that `quoted` writes.
        mutating func string() -> String? {
            guard take("\"") else { return nil }
            let start = position
            var unescaped: [UInt8]?
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""):
                    let text = unescaped.map { $0[...] } ?? bytes[start..<position - 1]
                    return String(validating: text, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    let before = unescaped ?? Array(bytes[start..<position - 1])
                    guard let escaped = escape() else { return nil }
                    unescaped = before + [escaped]
                case 0..<0x20: return nil
                default: unescaped?.append(byte)
                }
            }
            return nil
        }

        private mutating func escape() -> UInt8? {
            guard let byte = next else { return nil }
            position += 1
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return byte }
            let digits = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
            guard byte == UInt8(ascii: "u"), digits.utf8.count == 4, digits.hasPrefix("00"),
                let value = UInt8(digits, radix: 16), value < 0x20
            else { return nil }
            position += 4
            return value
        }

        private mutating func skipSpace() {
            while let byte = next, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D {
                position += 1
            }
        }
    }
}
