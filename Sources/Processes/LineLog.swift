import Logging

/// swift-log's messages as `LogLine`s, their metadata as fields.
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
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
            .sorted { $0.key < $1.key }
            .map { (name: $0.key, value: Self.value($0.value)) }
        LogLine.write(event.level.rawValue, label, event.message.description, fields)
    }

    private static func value(_ value: Logger.Metadata.Value) -> LogLine.Value {
        switch value {
        case .stringConvertible(let number as Int): .integer(number)
        case .stringConvertible(let number as Double): .number(number)
        default: .text("\(value)")
        }
    }
}
