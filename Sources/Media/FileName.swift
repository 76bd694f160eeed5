import Foundation

/// A name as people see it: never a path, never a control sequence.
public enum FileName {
    /// NFC, at most 255 bytes, the last part of a path, no control, format (bidi) or separator
    /// characters; "image" when nothing is left.
    public static func cleaned(_ name: String?) -> String {
        let last = (name ?? "").split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        var cleaned = String(String.UnicodeScalarView(last.unicodeScalars.filter(isVisible)))
            .precomposedStringWithCanonicalMapping.trimmingCharacters(in: .whitespaces)
        while cleaned.utf8.count > 255 { cleaned.removeLast() }
        return ["", ".", ".."].contains(cleaned) ? "image" : cleaned
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            // The joiners hold emoji and some scripts together.
            scalar == "\u{200D}" || scalar == "\u{200C}"
        default: true
        }
    }
}
