import Foundation
import Text

/// A file's name as users see it: never a path, never a control sequence.
public enum FileName {
    /// The longest file name on Linux, in bytes (NAME_MAX).
    public static let longest = 255

    /// The last part of a path, in NFC, of at most 255 bytes, without control, format (bidi) and separator
    /// characters; "image" if nothing is left. Of a name that is too long, the stem is shortened, not the
    /// extension.
    public static func cleaned(_ name: String?) -> String {
        let last = (name ?? "").unicodeScalars.split { $0 == "/" || $0 == "\\" }.last
        let visible = String(
            String.UnicodeScalarView((last ?? "".unicodeScalars[...]).filter(isVisible)))
        let whole = String(visible.precomposedStringWithCanonicalMapping.trimmed)
        let cleaned = whole.utf8.count > longest ? shortened(whole, to: longest) : whole
        return ["", ".", ".."].contains(where: cleaned.isSame) ? "image" : cleaned
    }

    /// The parts before and after the last dot. The extension is nil if that dot is the first character, or
    /// if not 1 to 16 bytes follow it: more are part of a sentence and not the extension of a format.
    public static func parts(of name: String) -> (stem: String, extension: String?) {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex,
            case let end = name[name.utf8.index(after: dot)...],
            (1...16).contains(end.utf8.count)
        else { return (name, nil) }
        return (String(name[..<dot]), String(end))
    }

    /// At most `limit` bytes of a name, with its extension. `limit` must be more than an extension has.
    public static func shortened(_ name: String, to limit: Int) -> String {
        let (stem, end) = parts(of: name)
        let ending = end.map { "." + $0 } ?? ""
        return String(stem.prefix(bytes: limit - ending.utf8.count).trimmed) + ending
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            // Emoji and some scripts need the joiners.
            scalar == "\u{200D}" || scalar == "\u{200C}"
        default: true
        }
    }
}
