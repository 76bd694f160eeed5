import Foundation
import Model
import Text

/// `NAME=value` lines, as in `.env` and `secrets.env`: `#` begins a comment line, one pair of quotes
/// around a value is dropped, nothing is expanded.
public enum EnvironmentFile {
    /// An environment, and what it does not set from the file that its MULTIRES_SETTINGS names: what
    /// a web server starts has none of our variables. Throws when there is no such file.
    public static func completing(_ environment: [String: String]) throws -> [String: String] {
        guard let path = environment["MULTIRES_SETTINGS"], !path.isEmpty else { return environment }
        return try parse(String(contentsOfFile: path, encoding: .utf8))
            .merging(environment) { _, own in own }
    }

    /// Empty when the file is not there. Throws when it is but cannot be read.
    public static func read(_ path: String) throws -> [String: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        return parse(try String(contentsOfFile: path, encoding: .utf8))
    }

    public static func parse(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.unicodeScalars.split(whereSeparator: Self.isLineEnd) {
            let line = Substring(line).trimmed.utf8
            guard line.first != UInt8(ascii: "#"),
                let equals = line.firstIndex(of: UInt8(ascii: "="))
            else { continue }
            let name = Substring(line[..<equals]).trimmed
            var value = Substring(line[line.index(after: equals)...]).trimmed
            for quote in ["\"", "'"]
            where value.utf8.count >= 2 && value.starts(withBytes: quote)
                && value.ends(withBytes: quote)
            {
                value = Substring(value.utf8.dropFirst().dropLast())
            }
            let export = "export "
            values[
                name.starts(withBytes: export)
                    ? String(Substring(name.utf8.dropFirst(export.utf8.count))) : String(name)] =
                String(value)
        }
        return values
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n"..."\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }
}
