import CSQLite

/// The row that a statement is on. Columns are read by name; what is read as a type that has no nil must
/// not be NULL.
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

    /// For columns without a name of their own.
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

    /// UTF-8, until the next step; empty for NULL.
    var text: UnsafeBufferPointer<UInt8> {
        // The text first: it may change how many bytes there are.
        let text = sqlite3_column_text(statement, index)
        return UnsafeBufferPointer(
            start: text, count: Int(sqlite3_column_bytes(statement, index)))
    }

    /// Until the next step; empty for NULL.
    var blob: UnsafeRawBufferPointer {
        let bytes = sqlite3_column_blob(statement, index)
        return UnsafeRawBufferPointer(
            start: bytes, count: Int(sqlite3_column_bytes(statement, index)))
    }
}

/// A type that a column is read as.
protocol ColumnValue {
    /// Throws `Unreadable`.
    init(_ column: Column) throws
}

/// A stored value that no version of ours writes: the database was changed by other means. Names the
/// type, never the value.
struct Unreadable: Error, CustomStringConvertible {
    let description: String

    init(_ type: Any.Type) {
        description = "The catalog has a value that is no \(type)."
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
        guard let value = Self(rawValue: String(column)) else { throw Unreadable(Self.self) }
        self = value
    }
}

/// A column that says the same in most rows: what it said last is kept, decoded.
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
