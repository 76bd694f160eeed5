/// An email address as it is kept: trimmed, its domain in lower case. Whether two differ in case
/// alone is the catalog's to tell; whether anybody reads it, only a letter can.
public struct EmailAddress: Hashable, Sendable {
    public let text: String

    /// Nil unless it has one `@`, a local part of 1 to 64 bytes and a domain with a dot, at most
    /// 254 bytes together (RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3), and no white space, control
    /// or invisible character.
    public init?(_ text: String) {
        let trimmed = text.drop(while: \.isWhitespace)
        let end = trimmed.lastIndex { !$0.isWhitespace }
        guard let end, trimmed.unicodeScalars[...end].allSatisfy(Self.isVisible) else { return nil }
        let parts = trimmed[...end].split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count) else { return nil }

        let domain = parts[1].lowercased()
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy(Self.isLabel) else { return nil }
        self.text = "\(parts[0])@\(domain)"
        guard self.text.utf8.count <= 254 else { return nil }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned: false
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    /// RFC 1123, section 2.1; letters beyond ASCII are left to the name server (RFC 6531).
    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.unicodeScalars.allSatisfy { scalar in
                scalar == "-" || !scalar.isASCII || ("0"..."9").contains(scalar)
                    || ("a"..."z").contains(scalar)
            }
    }
}
