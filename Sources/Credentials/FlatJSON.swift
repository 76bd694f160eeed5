import Text

/// A JSON object (RFC 8259) of strings and whole numbers, in the form in which this program writes claims:
/// no nesting, no other values, no member twice, strings only as `write` writes them, and only white space
/// before and after it.
struct FlatJSON {
    enum Value: Equatable {
        case text(String)
        /// 0 to 2^53 - 1, which every JSON library reads exactly (RFC 7493, section 2.2).
        case number(Int64)
    }

    private(set) var members: [String: Value] = [:]

    func text(_ name: String) -> String? {
        if case .text(let text) = members[name] { text } else { nil }
    }

    func number(_ name: String) -> Int64? {
        if case .number(let number) = members[name] { number } else { nil }
    }

    static func write(_ members: KeyValuePairs<String, Value>) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            for (name, value) in members {
                json.member(named: name) { json in
                    switch value {
                    case .text(let text): json.string(text)
                    case .number(let number): json.number(Int(number))
                    }
                }
            }
        }
        return json.bytes
    }

    /// Nil if `bytes` are not such an object.
    init?(_ bytes: [UInt8]) {
        var scanner = JSONScanner(bytes)
        guard scanner.take("{") else { return nil }
        if !scanner.take("}") {
            repeat {
                guard let name = Self.text(&scanner), scanner.take(":"),
                    let value = Self.value(&scanner),
                    members.updateValue(value, forKey: name) == nil
                else { return nil }
            } while scanner.take(",")
            guard scanner.take("}") else { return nil }
        }
        guard scanner.isAtEnd else { return nil }
    }

    private static func value(_ scanner: inout JSONScanner) -> Value? {
        if let text = text(&scanner) { return .text(text) }
        guard let digits = scanner.number(), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(String(decoding: digits, as: UTF8.self)), number < 1 << 53
        else { return nil }
        return .number(number)
    }

    private static func text(_ scanner: inout JSONScanner) -> String? {
        guard let raw = scanner.string() else { return nil }
        guard raw.contains(UInt8(ascii: "\\")) else {
            return String(validating: raw, as: UTF8.self)
        }
        let quoted = [UInt8(ascii: "\"")] + raw + [UInt8(ascii: "\"")]
        let text = String(validating: raw, as: UTF8.self).flatMap(unescaped)
        return text.flatMap { JSONWriter.quoted($0) == quoted ? $0 : nil }
    }

    /// Decodes the escapes that `write` uses. `text` refuses all others.
    private static func unescaped(_ text: String) -> String? {
        var unescaped = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                unescaped.append(scalar)
                continue
            }
            switch rest.popFirst() {
            case "n": unescaped.append("\n")
            case "r": unescaped.append("\r")
            case "t": unescaped.append("\t")
            case "u":
                guard let value = UInt8(String(rest.prefix(4)), radix: 16) else { return nil }
                unescaped.append(Unicode.Scalar(value))
                rest = rest.dropFirst(4)
            case let escaped?: unescaped.append(escaped)
            case nil: return nil
            }
        }
        return String(unescaped)
    }
}
