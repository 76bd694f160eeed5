import Foundation
import Text

/// An email address as it is stored: trimmed, with the domain and the non-ASCII characters of the local part
/// in lower case. The catalog ignores the case of ASCII letters when it compares emails. Only an email sent
/// to the address could show whether it exists.
public struct EmailAddress: Hashable, Sendable {
    public let text: String

    /// Nil unless it has one `@`, a local part of 1 to 64 bytes and a domain with a dot, at most
    /// 254 bytes together (RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3), and no white space, control
    /// or invisible character.
    public init?(_ text: String) {
        let trimmed = text.trimmed
        guard trimmed.unicodeScalars.allSatisfy(Self.isVisible) else { return nil }
        let parts = trimmed.parts(separatedBy: "@")
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count) else { return nil }

        let domain = parts[1].lowercased()
        let labels = domain.parts(separatedBy: ".")
        guard labels.count >= 2, labels.allSatisfy(Self.isLabel) else { return nil }
        let local = String(parts[0]).escaped { $0.isASCII ? nil : $0.properties.lowercaseMapping }
        self.text = "\(local)@\(domain)"
        guard self.text.utf8.count <= 254 else { return nil }
    }

    /// The form in which emails are compared: two emails with the same canonical form belong to the same
    /// account. It is in lower case and in NFC, with each label of the domain as an A-label (RFC 5890,
    /// section 2.3.2.1): `xn--bcher-kva.example` is in this form, and `Bücher.example` is converted to it.
    /// Full-width letters and dots of the domain become the plain ones, as for a DNS lookup (RFC 5895,
    /// section 2). A text that is not an email address is returned in lower case and NFC.
    public static func canonical(_ text: String) -> String {
        guard let address = EmailAddress(text)?.text else { return folded(text) }
        let parts = address.parts(separatedBy: "@")
        let domain = folded(parts[1]).precomposedStringWithCompatibilityMapping
            .escaped { $0 == "\u{3002}" ? "." : nil }
        let labels = domain.parts(separatedBy: ".")
        return folded(parts[0]) + "@" + labels.map(asciiLabel).joined(separator: ".")
    }

    private static func folded(_ text: some StringProtocol) -> String {
        text.lowercased().precomposedStringWithCanonicalMapping
    }

    /// The A-label; the label itself, in lower case, when it has only ASCII characters or cannot be encoded.
    private static func asciiLabel(_ label: Substring) -> String {
        let folded = folded(label)
        let isASCII = folded.utf8.allSatisfy { $0 < 0x80 }
        let unicode =
            folded.starts(withBytes: "xn--")
            ? Punycode.decode(Substring(folded.utf8.dropFirst(4))).map { Self.folded($0) } : folded
        guard let unicode, let encoded = Punycode.encode(unicode),
            !unicode.utf8.allSatisfy({ $0 < 0x80 })
        else { return folded }
        let label = "xn--" + encoded
        // An "xn--" label that does not survive decoding and encoding is not an A-label.
        return isASCII && Punycode.decode(encoded)?.isSame(as: unicode) != true ? folded : label
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned: false
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        [.nonspacingMark, .spacingMark, .enclosingMark].contains(scalar.properties.generalCategory)
    }

    /// RFC 1123, section 2.1. Non-ASCII letters are left to the name server (RFC 6531), except for a
    /// combining mark at the beginning, which would combine with the dot before it (RFC 5891,
    /// section 4.2.3.2).
    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && !label.starts(withBytes: "-")
            && !label.ends(withBytes: "-")
            && label.unicodeScalars.first.map(isMark) == false
            && label.unicodeScalars.allSatisfy { scalar in
                scalar == "-" || !scalar.isASCII || ("0"..."9").contains(scalar)
                    || ("a"..."z").contains(scalar)
            }
    }
}
