import Foundation

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
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { continue }
            let name = line[..<equals].trimmingCharacters(in: .whitespaces)
            var value = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
            for quote in ["\"", "'"]
            where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
                value = String(value.dropFirst().dropLast())
            }
            values[name.hasPrefix("export ") ? String(name.dropFirst(7)) : name] = value
        }
        return values
    }
}
