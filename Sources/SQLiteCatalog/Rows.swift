import Model

// How the types of Model are read from columns.

extension Identifier: ColumnValue {
    init(_ column: Column) throws {
        guard let identifier = Self(String(column)) else { throw UnreadableColumn(Self.self) }
        self = identifier
    }
}

extension Timestamp: ColumnValue {
    init(_ column: Column) { self.init(milliseconds: column.number) }
}

extension Fit: ColumnValue {}
extension ImageFormat: ColumnValue {}
extension ImageStatus: ColumnValue {}
extension JobState: ColumnValue {}
extension Visibility: ColumnValue {}

extension Row {
    /// From the columns `failure_code` and `failure`; nil when the code is NULL.
    func failure() throws -> RenderFailure? {
        guard let code: String = try self["failure_code"] else { return nil }
        return try RenderFailure(code: code, sentence: self["failure"] ?? "")
    }
}
