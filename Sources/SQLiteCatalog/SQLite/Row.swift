import CSQLite

/// The row that a statement is on. Columns are read by name. A column that can be NULL must be read as an
/// Optional.
struct Row {
    private let statement: Statement

    init(_ statement: Statement) {
        self.statement = statement
    }

    subscript<Value: ColumnValue>(_ name: StaticString) -> Value {
        get throws { try Value(column(name)) }
    }

    func column(_ name: StaticString) -> Column {
        Column(statement: statement.handle, index: statement.index(of: name))
    }

    /// By its number, from 0, for a column without a name.
    subscript<Value: ColumnValue>(at index: Int) -> Value {
        get throws { try Value(Column(statement: statement.handle, index: Int32(index))) }
    }
}

/// One value of the row that a statement is on.
struct Column {
    fileprivate let statement: OpaquePointer
    fileprivate let index: Int32

    fileprivate init(statement: OpaquePointer, index: Int32) {
        self.statement = statement
        self.index = index
    }

    var isNull: Bool { sqlite3_column_type(statement, index) == SQLITE_NULL }
    var number: Int64 { sqlite3_column_int64(statement, index) }

    /// UTF-8, valid until the next step; empty for NULL.
    var text: UnsafeBufferPointer<UInt8> {
        // The text before its length: a conversion to UTF-8 may change the length
        // (sqlite.org/c3ref/column_blob.html).
        let text = sqlite3_column_text(statement, index)
        return UnsafeBufferPointer(
            start: text, count: Int(sqlite3_column_bytes(statement, index)))
    }

    /// Valid until the next step; empty for NULL.
    var blob: UnsafeRawBufferPointer {
        let bytes = sqlite3_column_blob(statement, index)
        return UnsafeRawBufferPointer(
            start: bytes, count: Int(sqlite3_column_bytes(statement, index)))
    }
}

/// A type as which a column can be read.
protocol ColumnValue {
    /// Throws `UnreadableColumn`.
    init(_ column: Column) throws
}

/// A stored value that no version of Multires writes, so another program has changed the database. The
/// description contains the type, never the value.
struct UnreadableColumn: Error, CustomStringConvertible {
    let description: String

    init(_ type: Any.Type) {
        description = "The catalog has a value that is not a valid \(type)."
    }
}

extension Int64: ColumnValue {
    init(_ column: Column) { self = column.number }
}

extension Int: ColumnValue {
    init(_ column: Column) { self.init(column.number) }
}

extension Bool: ColumnValue {
    init(_ column: Column) { self = column.number != 0 }
}

extension String: ColumnValue {
    init(_ column: Column) { self.init(decoding: column.text, as: UTF8.self) }
}

extension [UInt8]: ColumnValue {
    init(_ column: Column) { self.init(column.blob) }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    init(_ column: Column) throws { self = column.isNull ? nil : try Wrapped(column) }
}

extension ColumnValue where Self: RawRepresentable, RawValue == String {
    init(_ column: Column) throws {
        guard let value = Self(rawValue: String(column)) else { throw UnreadableColumn(Self.self) }
        self = value
    }
}

/// Decodes a column that has the same value in most rows: the last value is kept decoded.
struct Repeated<Value: ColumnValue> {
    private var last: (text: [UInt8], value: Value)?

    mutating func value(of column: Column) throws -> Value {
        let text = column.text
        if let last, last.text.elementsEqual(text) { return last.value }
        let value = try Value(column)
        last = (Array(text), value)
        return value
    }
}
