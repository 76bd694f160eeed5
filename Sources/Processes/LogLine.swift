import Foundation
import Synchronization

/// One line on standard error, in one write; every program's lines are written here.
///
///     {"time":"2025-01-31T09:30:00.123Z","level":"info","program":"resize-worker","requestId":"…",…}
///     2025-01-31T09:30:00.123Z info resize-worker: 9f86d081… image …: 4 sizes
///
/// JSON has all fields; text, for people at a terminal, has the request's id and the message, which
/// says what matters. Fields are named alike in all programs and in nginx's access log: `requestId`,
/// `method`, `path`, `status`, `seconds`, `bytesOut`, `image`, `job`, `attempt`, `result`.
public enum LogLine {
    public enum Value: Sendable {
        case text(String)
        case number(Double)
        case integer(Int)
    }

    /// MULTIRES_LOG, `text` or `json`; anything else is text on a terminal and JSON elsewhere. Taken
    /// from the environment unless it is said here: a mistake in the settings is a line already.
    public static func use(_ form: String?) {
        isJSON.store(isJSON(form), ordering: .relaxed)
    }

    public static func write(
        _ level: String, _ program: String, _ message: String, _ fields: [String: Value] = [:]
    ) {
        let line =
            isJSON.load(ordering: .relaxed)
            ? json(level, program, message, fields) : text(level, program, message, fields)
        let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
        // A log that cannot be written must not stop the service.
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    private static let isJSON = Atomic(
        isJSON(getenv("MULTIRES_LOG").map { String(cString: $0) }))

    private static func isJSON(_ form: String?) -> Bool {
        form == "json" || form != "text" && isatty(STDERR_FILENO) == 0
    }

    static func text(
        _ level: String, _ program: String, _ message: String, _ fields: [String: Value]
    ) -> String {
        var line = "\(utcNow()) \(level) \(program): "
        if case .text(let id)? = fields["requestId"] { line += id + " " }
        return withoutControls(line + message)
    }

    static func json(
        _ level: String, _ program: String, _ message: String, _ fields: [String: Value]
    ) -> String {
        var line = "{\"time\":\"\(utcNow())\",\"level\":\"\(level)\",\"program\":\(quoted(program))"
        line += ",\"message\":\(quoted(message))"
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .text(let text): line += ",\(quoted(name)):\(quoted(text))"
            case .number(let number): line += ",\(quoted(name)):\(number.isFinite ? number : 0)"
            case .integer(let number): line += ",\(quoted(name)):\(number)"
            }
        }
        return line + "}"
    }

    /// RFC 8259, section 7.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy {
            (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        guard !isPlain else { return "\"\(text)\"" }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where isControl(scalar):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// Writes control characters as `\u{a}`: nobody forges a line or moves a terminal's cursor.
func withoutControls(_ text: String) -> String {
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

/// Those of C0 and C1, and Unicode's own two line ends.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
    default: false
    }
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
