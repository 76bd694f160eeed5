import Foundation
import Text

/// An email address as it is kept: trimmed, its domain in lower case, and of the local part whatever
/// is not ASCII. Whether two differ in the case of ASCII letters alone is the catalog's to tell;
/// whether anybody reads it, only a letter can.
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

    /// What is compared in place of an address: two that give the same are one account's. In lower
    /// case and in NFC, and each label of the domain as an A-label (RFC 5890, section 2.3.2.1), which
    /// `xn--bcher-kva.example` is already and `Bücher.example` becomes. Of the domain also wide letters
    /// and wide dots are the plain ones, which is how it is looked up (RFC 5895, section 2). Of a text
    /// that is no address, the text in lower case.
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

    /// The label itself, in lower case, where it cannot be had as another.
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
        // What does not come back as it was is no A-label, whatever its beginning.
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

    /// RFC 1123, section 2.1; letters beyond ASCII are left to the name server (RFC 6531), but for a
    /// mark at the beginning, which would be part of the dot before it (RFC 5891, section 4.2.3.2).
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
