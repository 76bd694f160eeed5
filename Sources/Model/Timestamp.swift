import Foundation

/// A moment in UTC, in whole milliseconds since 1970. In JSON it is RFC 3339 with milliseconds.
public struct Timestamp: Hashable, Comparable, Sendable, Encodable {
    public let milliseconds: Int64

    /// The last millisecond of the year 9999: RFC 3339 has four digits for a year.
    private static let latest: Int64 = 253_402_300_799_999

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Reads a time in the format of RFC 3339, with or without a fraction of a second. Nil for any other
    /// text, and for a time after the year 9999 in UTC.
    public init?(rfc3339 text: String) {
        // Foundation accepts a year of five digits, and reads only four of them.
        guard text.utf8.dropFirst(4).first == UInt8(ascii: "-") else { return nil }
        let styles = [false, true].map { Date.ISO8601FormatStyle(includingFractionalSeconds: $0) }
        guard let date = styles.lazy.compactMap({ try? $0.parse(text) }).first else { return nil }
        milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
        guard milliseconds <= Self.latest else { return nil }
    }

    /// Whole seconds since 1970, as in tokens (RFC 7519, NumericDate) and signed URLs.
    public var seconds: Int64 { milliseconds / 1000 }

    public var rfc3339: String {
        // Foundation's style takes 50 times as long, and a list has a hundred of them.
        var seconds = time_t((Double(milliseconds) / 1000).rounded(.down))
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return String(unsafeUninitializedCapacity: 24) { text in
            var end = 0
            func write(_ number: Int32, _ digits: Int, then separator: Unicode.Scalar) {
                var rest = number
                for place in stride(from: end + digits - 1, through: end, by: -1) {
                    text[place] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
                    rest /= 10
                }
                text[end + digits] = UInt8(ascii: separator)
                end += digits + 1
            }
            write(parts.tm_year + 1900, 4, then: "-")
            write(parts.tm_mon + 1, 2, then: "-")
            write(parts.tm_mday, 2, then: "T")
            write(parts.tm_hour, 2, then: ":")
            write(parts.tm_min, 2, then: ":")
            write(parts.tm_sec, 2, then: ".")
            write(Int32(milliseconds - Int64(seconds) * 1000), 3, then: "Z")
            return end
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rfc3339)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    public static func + (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(milliseconds: left.milliseconds + right.wholeMilliseconds)
    }

    public static func - (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(milliseconds: left.milliseconds - right.wholeMilliseconds)
    }
}

extension Duration {
    public var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }

    public var wholeSeconds: Int64 { components.seconds }
}
