import Foundation
import Text

/// A name as people see it: never a path, never a control sequence.
public enum FileName {
    /// Of a file's name on Linux, in bytes (NAME_MAX).
    public static let longest = 255

    /// NFC, at most 255 bytes, the last part of a path, no control, format (bidi) or separator
    /// characters; "image" when nothing is left. What is too long loses the end of its stem, not its
    /// extension.
    public static func cleaned(_ name: String?) -> String {
        let last = (name ?? "").unicodeScalars.split { $0 == "/" || $0 == "\\" }.last
        let visible = String(
            String.UnicodeScalarView((last ?? "".unicodeScalars[...]).filter(isVisible)))
        let whole = String(visible.precomposedStringWithCanonicalMapping.trimmed)
        let cleaned = whole.utf8.count > longest ? shortened(whole, to: longest) : whole
        return ["", ".", ".."].contains(where: cleaned.isSame) ? "image" : cleaned
    }

    /// The name without what follows its last dot, and that; no extension for one that begins with its
    /// only dot, and for more bytes than any format's has: that is a part of somebody's sentence.
    public static func parts(of name: String) -> (stem: String, extension: String?) {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex,
            case let end = name[name.utf8.index(after: dot)...],
            (1...16).contains(end.utf8.count)
        else { return (name, nil) }
        return (String(name[..<dot]), String(end))
    }

    /// At most so many bytes, which are more than an extension has.
    public static func shortened(_ name: String, to limit: Int) -> String {
        let (stem, end) = parts(of: name)
        let ending = end.map { "." + $0 } ?? ""
        return String(stem.prefix(bytes: limit - ending.utf8.count).trimmed) + ending
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
