import Foundation

/// A moment in UTC, kept as whole milliseconds since 1970. In JSON it is RFC 3339 with milliseconds.
public struct Timestamp: Hashable, Comparable, Sendable, Encodable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Whole seconds since 1970, as tokens (RFC 7519, NumericDate) and signed links carry them.
    public var seconds: Int64 { milliseconds / 1000 }

    public var rfc3339: String {
        // The style's own fraction cuts off what Double cannot hold exactly, and shows .122 for .123.
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let date = Date(timeIntervalSince1970: Double(seconds))
        let fraction = String(1000 + rest).dropFirst()
        return date.formatted(Date.ISO8601FormatStyle()).dropLast() + ".\(fraction)Z"
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
