import Foundation
import Media
import Text

/// A file name that is valid on every system, and that no shell or command misinterprets.
package enum ExportName {
    package static func safe(_ name: String) -> String {
        // What Windows does not allow ("Naming Files, Paths, and Namespaces").
        var safe = FileName.cleaned(name).escaped {
            "<>:\"|?*".unicodeScalars.contains($0) ? "_" : nil
        }
        if let last = safe.unicodeScalars.last, last == "." || last == " " {
            safe.unicodeScalars.removeLast()
            safe += "_"
        }
        if let first = safe.unicodeScalars.first, ".-~".unicodeScalars.contains(first) {
            // A hidden file, an option, or a user's home folder.
            safe = "_" + String(safe.unicodeScalars.dropFirst())
        } else if isDevice(safe) || startsWithMark(safe) {
            safe = "_" + safe
        }
        return safe.utf8.count > FileName.longest
            ? FileName.shortened(safe, to: FileName.longest) : safe
    }

    /// Whether Windows opens a device instead of a file with this name, regardless of the extension.
    private static func isDevice(_ name: String) -> Bool {
        let stem = Substring(name.utf8.prefix { $0 != UInt8(ascii: ".") }).trimmed.asciiLowercased
        if ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(where: stem.isSame) {
            return true
        }
        let number = stem.unicodeScalars.dropFirst(3)
        return ["com", "lpt"].contains(where: stem.starts(withBytes:)) && number.count == 1
            && "0123456789\u{B9}\u{B2}\u{B3}".unicodeScalars.contains(number.first ?? "x")
    }

    /// Whether the first character would be drawn over the slash before the name.
    private static func startsWithMark(_ name: String) -> Bool {
        switch name.unicodeScalars.first?.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark, .format: true
        default: false
        }
    }
}
