/// Formats counts, byte counts and durations for people.
public enum HumanReadable {
    /// `1 image`, `2 images`.
    ///
    /// - Parameter many: the words for any count but one; `one` with an "s" if nil.
    public static func count(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        "\(count) \(count == 1 ? one : many ?? one + "s")"
    }

    /// `auto, text or json`.
    ///
    /// - Precondition: there is at least one.
    public static func alternatives(_ names: [String]) -> String {
        let last = names[names.count - 1]
        let others = names.dropLast().joined(separator: ", ")
        return others.isEmpty ? last : "\(others) or \(last)"
    }

    /// In powers of 1000 (IEC 80000-13): `512 bytes`, `15 KB`, `2.4 MB`, `1.1 TB`.
    public static func bytes(_ count: Int64) -> String {
        guard count >= 1000 else { return "\(count) bytes" }
        var value = Double(count)
        var unit = ""
        for name in ["KB", "MB", "GB", "TB"] where value >= 999.5 || unit.isEmpty {
            value /= 1000
            unit = name
        }
        let tenths = (value * 10).rounded() / 10
        return value >= 99.95 || tenths == tenths.rounded()
            ? "\(Int(value.rounded())) \(unit)" : "\(tenths) \(unit)"
    }

    /// As in the API's member `size`, in powers of 1000 (IEC 80000-13): `512B`, `15KB`, `2.4MB`.
    public static func shortBytes(_ count: Int64) -> String {
        switch count {
        case ..<1000: "\(count)B"
        case ..<999_500: "\((count + 500) / 1000)KB"
        default: "\(Double((count + 50_000) / 100_000) / 10)MB"
        }
    }

    /// Rounded up to whole seconds, minutes, hours or days: `1 s`, `12 min`, `30 h`, `7 days`.
    public static func time(_ span: Duration) -> String {
        let seconds = (span.wholeMilliseconds + 999) / 1000
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\((seconds + 59) / 60) min"
        case ..<172_800: return "\((seconds + 3599) / 3600) h"
        default: return "\((seconds + 86399) / 86400) days"
        }
    }
}
