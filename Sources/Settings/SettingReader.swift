import Foundation
import Model
import Text

/// Reads settings from an environment, and records each with its value, default and reason: so
/// `multires config` prints exactly the settings that programs use.
public struct SettingReader {
    public struct Description: Sendable {
        public let name: String
        public let value: String
        public let defaultValue: String
        public let reason: String
    }

    private let environment: [String: String]
    public private(set) var descriptions: [Description] = []

    public init(_ environment: [String: String]) {
        self.environment = environment
    }

    /// An empty value means the default. No setting may contain a control character: a line end, for
    /// example, would begin a new line in a file that the value is written to.
    public mutating func text(
        _ name: String, default defaultValue: String, because reason: String
    ) throws -> String {
        let value = environment[name].flatMap { $0.isEmpty ? nil : $0 } ?? defaultValue
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            let shown = String(
                decoding: value.utf8.map { $0 >= 0x20 && $0 != 0x7F ? $0 : UInt8(ascii: "?") },
                as: UTF8.self)
            throw ConfigurationError(
                "\(name): \"\(shown)\" contains a line end or another control character, shown "
                    + "here as ?. Remove it.")
        }
        descriptions.append(
            Description(name: name, value: value, defaultValue: defaultValue, reason: reason))
        return value
    }

    public mutating func number(
        _ name: String, default defaultValue: Int, in range: ClosedRange<Int>,
        because reason: String
    ) throws -> Int {
        let value = try text(name, default: String(defaultValue), because: reason)
        guard let number = Int(value), range.contains(number) else {
            throw ConfigurationError(
                "\(name): \"\(value)\" is not valid. Use a whole number from "
                    + "\(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// 1 PB: larger than any disk, and small enough that adding a thousand such values does not overflow.
    public static let mostBytes: Int64 = 1_000_000_000_000_000

    /// A number of bytes: a plain number, or one with KB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers
    /// of 1024).
    public mutating func bytes(
        _ name: String, default defaultValue: String, from least: Int64 = 1, because reason: String
    ) throws -> Int64 {
        try quantity(
            name, default: defaultValue, units: Self.byteUnits, in: least...Self.mostBytes,
            because: reason,
            hint:
                "a size like 50MB or 1GiB, from \(least) byte\(least == 1 ? "" : "s") to 1000000GB")
    }

    private static let byteUnits: KeyValuePairs<String, Int64> = [
        "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "KB": 1000, "MB": 1_000_000,
        "GB": 1_000_000_000, "": 1,
    ]

    /// Parses a number of bytes outside of settings, such as a command's option. Nil if `text` is not a
    /// number of bytes above 0.
    public static func bytes(_ text: String) -> Int64? {
        quantity(text, units: byteUnits)
    }

    /// A duration: a number with s, m, h or d, at most 36,500 days (100 years). Beyond that, dates would
    /// approach years with five digits, and nginx's time values would overflow.
    public mutating func duration(
        _ name: String, default defaultValue: String, because reason: String
    ) throws -> Duration {
        let units: KeyValuePairs<String, Int64> = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        return .seconds(
            try quantity(
                name, default: defaultValue, units: units, in: 1...36500 * 86400, because: reason,
                hint: "a time like 30s, 15m, 12h or 7d, from 1s to 36500d"))
    }

    public mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default defaultValue: Choice, because reason: String
    ) throws -> Choice where Choice.RawValue == String {
        let value = try text(name, default: defaultValue.rawValue, because: reason)
        guard let choice = Choice(rawValue: value) else {
            let names = HumanReadable.alternatives(Choice.allCases.map(\.rawValue))
            throw ConfigurationError("\(name): \"\(value)\" is not valid. Use \(names).")
        }
        return choice
    }

    /// Web origins, separated by commas, each as a browser's `Origin` header has it (RFC 6454, section
    /// 6.2): scheme and host in lower case, and the port unless it is the scheme's default. No pattern, no
    /// path, and not `null`, which any sandboxed page can send.
    public mutating func origins(
        _ name: String, default defaultValue: String, because reason: String
    ) throws -> [String] {
        let value = try text(name, default: defaultValue, because: reason)
        let origins = value.parts(separatedBy: ",").map { String($0.trimmed) }.filter {
            !$0.isEmpty
        }
        .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        for origin in origins where !Self.isOrigin(origin) {
            throw ConfigurationError(
                "\(name): \"\(origin)\" is not an origin. Use a scheme, a host, and a port unless "
                    + "it is the scheme's default, in lower case and without a path, like "
                    + "https://www.example.org or http://localhost:3000.")
        }
        return origins
    }

    private static func isOrigin(_ text: String) -> Bool {
        // In ASCII text, every Character is one byte.
        guard text.utf8.allSatisfy({ $0 < 0x80 }), let mark = text.firstRange(of: "://") else {
            return false
        }
        let scheme = text[..<mark.lowerBound]
        let host = text[mark.upperBound...]
        let defaultPort = ["http": ":80", "https": ":443"][String(scheme)]
        return (1...32).contains(scheme.utf8.count)
            && scheme.utf8.first.map { (0x61...0x7A).contains($0) } == true
            && scheme.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: ".")
            } && isHost(withPort: host) && host.utf8.allSatisfy { !(0x41...0x5A).contains($0) }
            && !(defaultPort.map { host.hasSuffix($0) } ?? false)
    }

    private mutating func quantity(
        _ name: String, default defaultValue: String, units: KeyValuePairs<String, Int64>,
        in range: ClosedRange<Int64>, because reason: String, hint: String
    ) throws -> Int64 {
        let value = try text(name, default: defaultValue, because: reason)
        guard let quantity = Self.quantity(value, units: units), range.contains(quantity) else {
            throw ConfigurationError("\(name): \"\(value)\" is not valid. Use \(hint).")
        }
        return quantity
    }

    /// A path that can be written between quotes in nginx's files, and that `include` does not take for a
    /// pattern.
    public mutating func path(
        _ name: String, default defaultValue: String, because reason: String
    ) throws -> String {
        let value = try text(name, default: defaultValue, because: reason)
        guard !value.unicodeScalars.contains(where: "\"\\$*?[".unicodeScalars.contains) else {
            throw ConfigurationError(
                "\(name): \"\(value)\" contains one of \" \\ $ * ? [, which have a special meaning "
                    + "in nginx's files. Use a path without them.")
        }
        return value
    }

    private static func quantity(
        _ value: String, units: KeyValuePairs<String, Int64>
    ) -> Int64? {
        for (unit, factor) in units where value.ends(withBytes: unit) {
            let digits = Substring(value.utf8.dropLast(unit.utf8.count))
            guard let number = Int64(digits), number > 0 else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        return nil
    }
}
