import Foundation
import Synchronization
import Text

/// One line on standard error, in one write; every program's lines are written here.
///
///     {"time":"2025-01-31T09:30:00.123Z","level":"info","program":"resize-worker",…}
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

    /// A level, a program, a message, and fields: `write`, or what a test has in its place.
    public typealias Writer = (
        String, String, String, [(name: String, value: Value)]
    ) -> Void

    /// MULTIRES_LOG, `text` or `json`; anything else is text on a terminal and JSON elsewhere. Taken
    /// from the environment unless it is said here: a mistake in the settings is a line already.
    public static func use(_ form: String?) {
        isJSON.store(isJSON(form), ordering: .relaxed)
    }

    /// In JSON the fields come in this order.
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

    /// Bytes and not a String: a busy responder's lines were a sixth of its work.
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
    // The first digit of the thousand keeps the zeros.
    return "\(seconds).\(String(1000 + now.tv_nsec / 1_000_000).dropFirst())Z"
}
