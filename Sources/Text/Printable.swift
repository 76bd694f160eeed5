extension String {
    /// For a terminal, and for one line of a log: control characters, line ends, and characters that change
    /// the direction of text are written like `\u{1b}`. So untrusted text cannot move the cursor, forge a
    /// line or hide a part of one.
    public var printable: String { printable(keeping: "") }

    /// The same, except for the scalars in `kept`: a text of several lines keeps its line ends.
    public func printable(keeping kept: String) -> String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        return escaped { scalar in
            guard scalar.isUnprintable, !kept.unicodeScalars.contains(scalar) else { return nil }
            return "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
}

extension Unicode.Scalar {
    /// Whether it is a control character of C0 or C1, one of Unicode's own two line ends, or an invisible
    /// character that changes how other text looks: U+202E shows the rest of a line from right to left.
    public var isUnprintable: Bool {
        if (0x20..<0x7F).contains(value) { return false }
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return true
        // Emoji and some scripts need the joiners.
        case .format: return self != "\u{200D}" && self != "\u{200C}"
        default: return false
        }
    }
}
