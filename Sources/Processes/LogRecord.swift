import Foundation
import Synchronization
import Text

/// A log record: one line on standard error, in one write. All programs write their log with it.
///
///     {"time":"2025-01-31T09:30:00.123Z","level":"info","program":"resize-worker",…}
///     2025-01-31T09:30:00.123Z info resize-worker: 9f86d081… image …: 4 sizes
///
/// JSON has all fields. Text, for a terminal, has the request's id and the message, which states the
/// important facts. Fields have the same names in all programs and in nginx's access log: `requestId`,
/// `method`, `path`, `status`, `seconds`, `bytesOut`, `image`, `job`, `attempt`, `result`.
public enum LogRecord {
    public enum Value: Sendable {
        case text(String)
        case number(Double)
        case integer(Int)
    }

    /// Takes a level, a program, a message and fields: `write`, or a test's replacement for it.
    public typealias Writer = (
        String, String, String, [(name: String, value: Value)]
    ) -> Void

    /// Sets the form, which MULTIRES_LOG gives: `text` or `json`; anything else means text on a terminal and
    /// JSON elsewhere. Before this call, the form comes from the environment, because an error in the
    /// settings is already logged.
    public static func use(_ form: String?) {
        isJSON.store(isJSON(form), ordering: .relaxed)
    }

    /// In JSON, the fields are in this order.
    public static func write(
        _ level: String, _ program: String, _ message: String,
        _ fields: [(name: String, value: Value)] = []
    ) {
        var bytes =
            isJSON.load(ordering: .relaxed)
            ? json(level, program, message, fields)
            : Array(text(level, program, message, fields).utf8)
        bytes.append(UInt8(ascii: "\n"))
        // A log that cannot be written must not stop the service.
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    private static let isJSON = Atomic(
        isJSON(getenv("MULTIRES_LOG").map { String(cString: $0) }))

    private static func isJSON(_ form: String?) -> Bool {
        form == "json" || form != "text" && isatty(STDERR_FILENO) == 0
    }

    static func text(
        _ level: String, _ program: String, _ message: String,
        _ fields: [(name: String, value: Value)]
    ) -> String {
        var line = "\(utcNow()) \(level) \(program): "
        for case ("requestId", .text(let id)) in fields { line += id + " " }
        return (line + message).printable
    }

    /// Bytes and not a String, because log records took a sixth of a busy responder's time.
    static func json(
        _ level: String, _ program: String, _ message: String,
        _ fields: [(name: String, value: Value)]
    ) -> [UInt8] {
        var line = JSONWriter(printable: true)
        line.object { line in
            line.member("time", utcNow())
            line.member("level", level)
            line.member("program", program)
            line.member("message", message)
            for (name, value) in fields {
                line.member(named: name) { line in
                    switch value {
                    case .text(let text): line.string(text)
                    case .number(let number): line.number(number)
                    case .integer(let number): line.number(number)
                    }
                }
            }
        }
        return line.bytes
    }
}

private func utcNow() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    let seconds = String(parts, as: "%Y-%m-%dT%H:%M:%S")
    // The added 1000 keeps leading zeros; its first digit is dropped.
    return "\(seconds).\(String(1000 + now.tv_nsec / 1_000_000).dropFirst())Z"
}
