import Foundation
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

    public struct Mistake: Error, CustomStringConvertible {
        public let description: String
    }

    private let environment: [String: String]
    public private(set) var descriptions: [Description] = []

    public init(_ environment: [String: String]) {
        self.environment = environment
    }

    public mutating func text(
        _ name: String, default standard: String, because reason: String
    ) -> String {
        let value = environment[name].flatMap { $0.isEmpty ? nil : $0 } ?? standard
        descriptions.append(
            Description(name: name, value: value, standard: standard, reason: reason))
        return value
    }

    public mutating func number(
        _ name: String, default standard: Int, in range: ClosedRange<Int>, because reason: String
    ) throws -> Int {
        let value = text(name, default: String(standard), because: reason)
        guard let number = Int(value), range.contains(number) else {
            throw Mistake(
                description: "\(name) is \"\(value)\": it must be a whole number from "
                    + "\(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// A count of bytes: a number, or one with KB, MB, GB (powers of 1000) or KiB, MiB, GiB.
    public mutating func bytes(
        _ name: String, default standard: String, because reason: String
    ) throws -> Int64 {
        try quantity(
            name, default: standard, units: Self.byteUnits, because: reason,
            hint: "a size like 50MB or 1GiB")
    }

    private static let byteUnits: KeyValuePairs<String, Int64> = [
        "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "KB": 1000, "MB": 1_000_000,
        "GB": 1_000_000_000, "": 1,
    ]

    /// The same for who has no setting: nil for what is no count of bytes, or none.
    public static func bytes(_ text: String) -> Int64? {
        quantity(text, units: byteUnits)
    }

    /// A span of time: a number with s, m, h or d.
    public mutating func duration(
        _ name: String, default standard: String, because reason: String
    ) throws -> Duration {
        let units: KeyValuePairs<String, Int64> = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        return .seconds(
            try quantity(
                name, default: standard, units: units, because: reason,
                hint: "a time like 30s, 15m, 12h or 7d"))
    }

    public mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default standard: Choice, because reason: String
    ) throws -> Choice where Choice.RawValue == String {
        let value = text(name, default: standard.rawValue, because: reason)
        guard let choice = Choice(rawValue: value) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: " or ")
            throw Mistake(description: "\(name) is \"\(value)\": it must be \(names).")
        }
        return choice
    }

    /// Web origins, by commas, as a browser's `Origin` header says them (RFC 6454, section 6.2): scheme
    /// and host in lower case, and the port unless it is the scheme's own. No pattern, no path, and
    /// not `null`, which any sandboxed page can be.
    public mutating func origins(
        _ name: String, default standard: String, because reason: String
    ) throws -> [String] {
        let value = text(name, default: standard, because: reason)
        let origins = value.parts(separatedBy: ",").map { String($0.trimmed) }.filter {
            !$0.isEmpty
        }
        for origin in origins where !Self.isOrigin(origin) {
            throw Mistake(
                description: "\(name) has \"\(origin)\": an origin is a scheme, a host and a port "
                    + "if it is not the scheme's own, in lower case and with nothing behind, like "
                    + "https://www.example.org or http://localhost:3000.")
        }
        return origins
    }

    private static func isOrigin(_ text: String) -> Bool {
        // Below it, Characters are bytes.
        guard text.utf8.allSatisfy({ $0 < 0x80 }), let mark = text.range(of: "://") else {
            return false
        }
        let scheme = text[..<mark.lowerBound]
        var host = text[mark.upperBound...]
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            let digits = host[host.index(after: colon)...]
            let isDefault =
                (scheme, digits) == ("http", "80") || (scheme, digits) == ("https", "443")
            guard let port = UInt16(digits), port > 0, String(port) == digits, !isDefault else {
                return false
            }
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            return host.dropFirst().dropLast().allSatisfy { "0123456789abcdef:.".contains($0) }
        }
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789-."
        return scheme.first?.isLetter == true && scheme.allSatisfy { (letters + "+").contains($0) }
            && !host.isEmpty && host.allSatisfy(letters.contains)
    }

    private mutating func quantity(
        _ name: String, default standard: String, units: KeyValuePairs<String, Int64>,
        because reason: String, hint: String
    ) throws -> Int64 {
        let value = text(name, default: standard, because: reason)
        guard let quantity = Self.quantity(value, units: units) else {
            throw Mistake(description: "\(name) is \"\(value)\": it must be \(hint).")
        }
        return quantity
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
