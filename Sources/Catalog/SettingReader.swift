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
        let units: KeyValuePairs<String, Int64> = [
            "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "KB": 1000, "MB": 1_000_000,
            "GB": 1_000_000_000, "": 1,
        ]
        return try quantity(
            name, default: standard, units: units, because: reason,
            hint: "a size like 50MB or 1GiB")
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

    private mutating func quantity(
        _ name: String, default standard: String, units: KeyValuePairs<String, Int64>,
        because reason: String, hint: String
    ) throws -> Int64 {
        let value = text(name, default: standard, because: reason)
        for (unit, factor) in units where value.hasSuffix(unit) {
            if let number = Int64(value.dropLast(unit.count)), number > 0 {
                let (product, overflow) = number.multipliedReportingOverflow(by: factor)
                if !overflow { return product }
            }
            break
        }
        throw Mistake(description: "\(name) is \"\(value)\": it must be \(hint).")
    }
}
