extension String {
    /// For a terminal, and for one line of a log: controls, line ends, and what turns the direction of
    /// text are written as `\u{1b}`. So nobody moves the cursor, forges a line or hides a part of one.
    public var printable: String { printable(keeping: "") }

    /// The same, but for some scalars: a text of several lines keeps its line ends.
    public func printable(keeping kept: String) -> String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        return escaped { scalar in
            guard scalar.isUnprintable, !kept.unicodeScalars.contains(scalar) else { return nil }
            return "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
}

extension Unicode.Scalar {
    /// Controls of C0 and C1, Unicode's own two line ends, and what is not seen itself but changes how
    /// other text looks: U+202E writes the rest of a line from right to left.
    public var isUnprintable: Bool {
        if (0x20..<0x7F).contains(value) { return false }
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return true
        // The joiners hold emoji and some scripts together.
        case .format: return self != "\u{200D}" && self != "\u{200C}"
        default: return false
        }
    }
}
