import Foundation
import Glibc
import Model
import Text

/// `NAME=value` lines, as in `.env` and `secrets.env`. `#` begins a comment line, one pair of quotes around
/// a value is removed, and nothing is expanded.
public enum EnvironmentFile {
    /// The environment, completed from the file that its MULTIRES_SETTINGS names: a program that a web
    /// server starts has none of our variables. A variable in the environment overrides the file. Throws
    /// `ConfigurationError` if the file cannot be read.
    public static func completing(_ environment: [String: String]) throws -> [String: String] {
        guard let path = environment["MULTIRES_SETTINGS"], !path.isEmpty else { return environment }
        guard let text = text(of: path) else {
            throw ConfigurationError(
                "MULTIRES_SETTINGS: \"\(path)\" does not exist or cannot be read "
                    + "(\(readFailure(path))).")
        }
        return parse(text).merging(environment) { _, own in own }
    }

    /// Empty if the file does not exist. Throws `ConfigurationError` if it exists but cannot be read.
    public static func read(_ path: String) throws -> [String: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        guard let text = text(of: path) else {
            throw ConfigurationError("\"\(path)\" cannot be read (\(readFailure(path))).")
        }
        return parse(text)
    }

    private static func text(of path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }

    /// Why a file cannot be read, as strerror(3) describes it.
    static func readFailure(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return String(cString: strerror(errno)) }
        defer { Glibc.close(file) }
        var byte: UInt8 = 0
        // A folder can be opened, but not read.
        guard Glibc.read(file, &byte, 1) >= 0 else { return String(cString: strerror(errno)) }
        return "It is not UTF-8 text"
    }

    /// Lines without `=` are ignored, and so is `export` before a name. If a name occurs more than once,
    /// the last line counts.
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
