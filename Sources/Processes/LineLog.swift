import Foundation
import Logging

/// swift-log's messages on standard error, each in one line and one write:
/// `2025-01-31T09:30:00.123Z info image-responder: …`.
public struct LineLog: LogHandler {
    public var logLevel = Logger.Level.info
    public var metadata = Logger.Metadata()
    private let label: String

    public init(label: String) {
        self.label = label
    }

    /// Makes this every Logger's handler. Only the first call counts.
    public static func install() {
        _ = installed
    }

    private static let installed: Void = LoggingSystem.bootstrap { LineLog(label: $0) }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        var line = "\(utcNow()) \(event.level) \(label): \(event.message)"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
        let bytes = Array(withoutControls(line).utf8) + [UInt8(ascii: "\n")]
        // A log that cannot be written must not stop the service.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// Writes control characters as `\u{a}`: nobody forges a line or moves a terminal's cursor. They are
/// those of C0 and C1, and Unicode's own two line ends.
func withoutControls(_ text: String) -> String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        default: false
        }
    }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
        if isControl(scalar) {
            escaped += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}

private func utcNow() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    let seconds = String(unsafeUninitializedCapacity: 32) {
        strftime($0.baseAddress, 32, "%Y-%m-%dT%H:%M:%S", &parts)
    }
    // The first digit of the thousand keeps the zeros.
    return "\(seconds).\(String(1000 + now.tv_nsec / 1_000_000).dropFirst())Z"
}
