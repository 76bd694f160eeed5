import Foundation
import Model
import Text

/// Reads settings from an environment, remembering each with its default and its reason, so that
/// the list people see and the list programs use are one.
public struct SettingReader {
    public struct Description: Sendable {
        public let name: String
        public let value: String
        public let standard: String
        public let reason: String
    }

    private let environment: [String: String]
    public private(set) var descriptions: [Description] = []

    public init(_ environment: [String: String]) {
        self.environment = environment
    }

    /// An empty value is the default. Control characters have no place in any setting: one could begin
    /// a line of its own in a file that the value is written to.
    public mutating func text(
        _ name: String, default standard: String, because reason: String
    ) throws -> String {
        let value = environment[name].flatMap { $0.isEmpty ? nil : $0 } ?? standard
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            let shown = String(
                decoding: value.utf8.map { $0 >= 0x20 && $0 != 0x7F ? $0 : UInt8(ascii: "?") },
                as: UTF8.self)
            throw Unusable(

                "\(name) is \"\(shown)\": it has a line end or another control character, "
                    + "shown here as ?; remove it.")
        }
        descriptions.append(
            Description(name: name, value: value, standard: standard, reason: reason))
        return value
    }

    public mutating func number(
        _ name: String, default standard: Int, in range: ClosedRange<Int>, because reason: String
    ) throws -> Int {
        let value = try text(name, default: String(standard), because: reason)
        guard let number = Int(value), range.contains(number) else {
            throw Unusable(
                "\(name) is \"\(value)\": it must be a whole number from "
                    + "\(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// Larger than any disk, and small enough for a thousand of them to be added.
    public static let mostBytes: Int64 = 1_000_000_000_000_000

    /// A count of bytes: a number, or one with KB, MB, GB (powers of 1000) or KiB, MiB, GiB.
    public mutating func bytes(
        _ name: String, default standard: String, from least: Int64 = 1, because reason: String
    ) throws -> Int64 {
        try quantity(
            name, default: standard, units: Self.byteUnits, in: least...Self.mostBytes,
            because: reason,
            hint:
                "a size like 50MB or 1GiB, from \(least) byte\(least == 1 ? "" : "s") to 1000000GB")
    }

    private static let byteUnits: KeyValuePairs<String, Int64> = [
        "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "KB": 1000, "MB": 1_000_000,
        "GB": 1_000_000_000, "": 1,
    ]

    /// The same for who has no setting: nil for what is no count of bytes, or none.
    public static func bytes(_ text: String) -> Int64? {
        quantity(text, units: byteUnits)
    }

    /// A span of time: a number with s, m, h or d. 100 years are the most: later days have five digits
    /// of year soon, and nginx's times end.
    public mutating func duration(
        _ name: String, default standard: String, because reason: String
    ) throws -> Duration {
        let units: KeyValuePairs<String, Int64> = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        return .seconds(
            try quantity(
                name, default: standard, units: units, in: 1...36500 * 86400, because: reason,
                hint: "a time like 30s, 15m, 12h or 7d, from 1s to 36500d"))
    }

    public mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default standard: Choice, because reason: String
    ) throws -> Choice where Choice.RawValue == String {
        let value = try text(name, default: standard.rawValue, because: reason)
        guard let choice = Choice(rawValue: value) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: " or ")
            throw Unusable("\(name) is \"\(value)\": it must be \(names).")
        }
        return choice
    }

    /// Web origins, by commas, as a browser's `Origin` header says them (RFC 6454, section 6.2): scheme
    /// and host in lower case, and the port unless it is the scheme's own. No pattern, no path, and
    /// not `null`, which any sandboxed page can be.
    public mutating func origins(
        _ name: String, default standard: String, because reason: String
    ) throws -> [String] {
        let value = try text(name, default: standard, because: reason)
        let origins = value.parts(separatedBy: ",").map { String($0.trimmed) }.filter {
            !$0.isEmpty
        }
        .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        for origin in origins where !Self.isOrigin(origin) {
            throw Unusable(
                "\(name) has \"\(origin)\": an origin is a scheme, a host and a port "
                    + "if it is not the scheme's own, in lower case and with nothing behind, like "
                    + "https://www.example.org or http://localhost:3000.")
        }
        return origins
    }

    private static func isOrigin(_ text: String) -> Bool {
        // Below it, Characters are bytes.
        guard text.utf8.allSatisfy({ $0 < 0x80 }), let mark = text.firstRange(of: "://") else {
            return false
        }
        let scheme = text[..<mark.lowerBound]
        let host = text[mark.upperBound...]
        let own = ["http": ":80", "https": ":443"][String(scheme)]
        return (1...32).contains(scheme.utf8.count)
            && scheme.utf8.first.map { (0x61...0x7A).contains($0) } == true
            && scheme.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: ".")
            } && isHost(withPort: host) && host.utf8.allSatisfy { !(0x41...0x5A).contains($0) }
            && !(own.map { host.hasSuffix($0) } ?? false)
    }

    private mutating func quantity(
        _ name: String, default standard: String, units: KeyValuePairs<String, Int64>,
        in range: ClosedRange<Int64>, because reason: String, hint: String
    ) throws -> Int64 {
        let value = try text(name, default: standard, because: reason)
        guard let quantity = Self.quantity(value, units: units), range.contains(quantity) else {
            throw Unusable("\(name) is \"\(value)\": it must be \(hint).")
        }
        return quantity
    }

    /// A path that nginx's files can have between quotes, and `include` without a pattern.
    public mutating func path(
        _ name: String, default standard: String, because reason: String
    ) throws -> String {
        let value = try text(name, default: standard, because: reason)
        guard !value.contains(where: { "\"\\$*?[".contains($0) }) else {
            throw Unusable(

                "\(name) is \"\(value)\": it may not have any of \" \\ $ * ? [, which mean "
                    + "something else in nginx's files.")
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
