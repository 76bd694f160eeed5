import Text

/// A header's value with its parameters: `form-data; name="image"; filename="a.jpg"` (RFC 9110,
/// section 5.6.6; RFC 2183, section 2).
struct HeaderParameters {
    /// The text before the first semicolon, in lower case.
    let value: String

    /// By lower-case name.
    private var parameters: [String: String] = [:]

    subscript(name: String) -> String? { parameters[name] }

    /// Nil when it is malformed, or when a name occurs twice: two readers might then use different values.
    ///
    /// Browsers do not escape backslashes; other clients escape a quote with one (a quoted-pair). So the
    /// text is first read with quoted-pairs. That fails for a browser's name that ends with a backslash,
    /// since the closing quote seems escaped. The text is then read without quoted-pairs.
    init?(_ text: String) {
        if let read = Self(text, hasQuotedPairs: true) ?? Self(text, hasQuotedPairs: false) {
            self = read
        } else {
            return nil
        }
    }

    private init?(_ text: String, hasQuotedPairs: Bool) {
        let head = text.utf8.prefix { $0 != UInt8(ascii: ";") }
        value = trimmed(head).asciiLowercased
        var rest = text.utf8.dropFirst(head.count)
        while rest.popFirst() != nil {
            rest = rest.drop(while: isBlank)
            // A semicolon at the end is accepted.
            guard rest.first != nil else { return }
            let name = rest.prefix { $0 != UInt8(ascii: "=") }
            guard name.count < rest.count, !name.isEmpty, name.allSatisfy(isTokenByte) else {
                return nil
            }
            rest = rest.dropFirst(name.count + 1)
            guard let parameter = Self.parameter(&rest, hasQuotedPairs) else { return nil }
            let known = parameters.updateValue(parameter, forKey: trimmed(name).asciiLowercased)
            guard known == nil else { return nil }
        }
    }

    /// Takes a parameter's value, and the spaces up to the next semicolon, from `rest`. Nil when malformed.
    private static func parameter(
        _ rest: inout Substring.UTF8View, _ hasQuotedPairs: Bool
    ) -> String? {
        guard rest.first == UInt8(ascii: "\"") else {
            // Clients send unquoted boundaries with bytes that a token may not have, so any byte is accepted.
            let bare = rest.prefix { $0 != UInt8(ascii: ";") }
            rest = rest.dropFirst(bare.count)
            let text = trimmed(bare)
            return text.isEmpty || text.utf8.contains(UInt8(ascii: "\"")) ? nil : text
        }
        rest.removeFirst()
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                rest = rest.drop(while: isBlank)
                let isAtEnd = rest.isEmpty || rest.first == UInt8(ascii: ";")
                return isAtEnd ? String(decoding: text, as: UTF8.self) : nil
            case UInt8(ascii: "\\") where hasQuotedPairs:
                // An escape, but only before the two bytes that need one; otherwise a plain backslash.
                if let next = rest.first, next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\") {
                    rest.removeFirst()
                    text.append(next)
                } else {
                    text.append(byte)
                }
            default:
                text.append(byte)
            }
        }
        return nil
    }
}

func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

func trimmed(_ bytes: Substring.UTF8View) -> String {
    var bytes = bytes.drop(while: isBlank)
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return String(Substring(bytes))
}

/// Whether the byte is an ASCII letter or digit.
func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
    default:
        false
    }
}

/// Whether the byte may be in a token (RFC 9110, section 5.6.2).
func isTokenByte(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
}
