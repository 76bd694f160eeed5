/// Writes a program's log records, all with the same additional fields.
public struct Log: Sendable {
    public typealias Field = (name: String, value: LogRecord.Value)

    public let program: String
    private let fields: [Field]

    public init(_ program: String, _ fields: [Field] = []) {
        self.program = program
        self.fields = fields
    }

    /// A log whose records also have these fields.
    public func about(_ more: [Field]) -> Log {
        Log(program, fields + more)
    }

    public func info(_ message: String, _ more: [Field] = []) { write("info", message, more) }
    public func notice(_ message: String, _ more: [Field] = []) { write("notice", message, more) }
    public func warning(_ message: String, _ more: [Field] = []) { write("warning", message, more) }
    public func error(_ message: String, _ more: [Field] = []) { write("error", message, more) }
    public func critical(_ message: String, _ more: [Field] = []) {
        write("critical", message, more)
    }

    private func write(_ level: String, _ message: String, _ more: [Field]) {
        LogRecord.write(level, program, message, fields + more)
    }
}
