import Text

/// A header's value with its parameters: `form-data; name="image"; filename="a.jpg"` (RFC 9110,
/// section 5.6.6; RFC 2183, section 2).
struct HeaderParameters {
    /// What comes before the first semicolon, in lower case.
    let value: String

    /// By lower-case name.
    private var parameters: [String: String] = [:]

    subscript(name: String) -> String? { parameters[name] }

    /// Nil when malformed, or when a name comes twice: two readers might then choose differently.
    ///
    /// Browsers leave backslashes as they are, and other clients write a quote behind one (a quoted-pair).
    /// A name that ends with a backslash, as a browser writes it, has no end when it is read as the others
    /// write it: then it is a browser's.
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
            // A semicolon with nothing behind it does no harm.
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

    /// Takes a parameter's value, and the blanks up to the next semicolon.
    private static func parameter(
        _ rest: inout Substring.UTF8View, _ hasQuotedPairs: Bool
    ) -> String? {
        guard rest.first == UInt8(ascii: "\"") else {
            // Boundaries come unquoted with bytes that no token may have, so anything goes.
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
                // An escape, but only of the two bytes that need one.
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

/// Of ASCII.
func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
    default:
        false
    }
}

/// RFC 9110, section 5.6.2.
func isTokenByte(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
}
