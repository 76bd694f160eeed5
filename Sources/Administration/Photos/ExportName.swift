import Foundation
import Media
import Text

/// A name that any system may have for a file, and that no shell or command takes for something else.
package enum ExportName {
    package static func safe(_ name: String) -> String {
        // Windows: "Naming Files, Paths, and Namespaces".
        var safe = FileName.cleaned(name).escaped {
            "<>:\"|?*".unicodeScalars.contains($0) ? "_" : nil
        }
        if let last = safe.unicodeScalars.last, last == "." || last == " " {
            safe.unicodeScalars.removeLast()
            safe += "_"
        }
        if let first = safe.unicodeScalars.first, ".-~".unicodeScalars.contains(first) {
            // Hidden, an option, somebody's home.
            safe = "_" + String(safe.unicodeScalars.dropFirst())
        } else if isDevice(safe) || startsWithMark(safe) {
            safe = "_" + safe
        }
        return safe.utf8.count > FileName.longest
            ? FileName.shortened(safe, to: FileName.longest) : safe
    }

    /// What Windows opens in the place of a file of that name, whatever its extension.
    private static func isDevice(_ name: String) -> Bool {
        let stem = Substring(name.utf8.prefix { $0 != UInt8(ascii: ".") }).trimmed.asciiLowercased
        if ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(where: stem.isSame) {
            return true
        }
        let number = stem.unicodeScalars.dropFirst(3)
        return ["com", "lpt"].contains(where: stem.starts(withBytes:)) && number.count == 1
            && "0123456789\u{B9}\u{B2}\u{B3}".unicodeScalars.contains(number.first ?? "x")
    }

    /// It would be drawn upon the slash before it.
    private static func startsWithMark(_ name: String) -> Bool {
        switch name.unicodeScalars.first?.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark, .format: true
        default: false
        }
    }
}
