import CSQLite
import Catalog
import Foundation
import GRDB

/// The columns of the row that a statement is on. What is read as a type that has no nil must not be
/// NULL. (GRDB's `Row` makes an object and a cursor for each statement; in a list of 50 images that
/// and its conversions were a tenth of the instructions.)
struct Columns {
    fileprivate let statement: OpaquePointer

    subscript(_ index: Int) -> Int64 { sqlite3_column_int64(statement, Int32(index)) }

    subscript(_ index: Int) -> Int { Int(self[index] as Int64) }

    subscript(_ index: Int) -> Bool { self[index] as Int64 != 0 }

    subscript(_ index: Int) -> String { String(decoding: text(index), as: UTF8.self) }

    /// Until the next step; empty for NULL.
    func text(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        let text = sqlite3_column_text(statement, Int32(index))
        return UnsafeBufferPointer(
            start: text, count: Int(sqlite3_column_bytes(statement, Int32(index))))
    }

    subscript(_ index: Int) -> Data {
        guard let bytes = sqlite3_column_blob(statement, Int32(index)) else { return Data() }
        return Data(bytes: bytes, count: Int(sqlite3_column_bytes(statement, Int32(index))))
    }

    subscript(_ index: Int) -> Int64? { isNull(index) ? nil : self[index] as Int64 }
    subscript(_ index: Int) -> Int? { isNull(index) ? nil : self[index] as Int }
    subscript(_ index: Int) -> String? { isNull(index) ? nil : self[index] as String }

    private func isNull(_ index: Int) -> Bool {
        sqlite3_column_type(statement, Int32(index)) == SQLITE_NULL
    }
}

/// A stored value that no version of ours writes: the database was changed by other means. Names the
/// type, never the value.
struct Unreadable: Error, CustomStringConvertible {
    let description: String
}

extension Columns {
    func identifier<Noun>(_ index: Int) throws -> Identifier<Noun> {
        guard let identifier = Identifier<Noun>(self[index] as String) else {
            throw Unreadable(description: "The catalog holds an unreadable \(Noun.self) id.")
        }
        return identifier
    }

    func timestamp(_ index: Int) -> Timestamp {
        Timestamp(milliseconds: self[index])
    }

    func optionalTimestamp(_ index: Int) -> Timestamp? {
        (self[index] as Int64?).map(Timestamp.init(milliseconds:))
    }

    func choice<Choice: RawRepresentable>(_ index: Int) throws -> Choice
    where Choice.RawValue == String {
        guard let choice = Choice(rawValue: self[index]) else {
            throw Unreadable(description: "The catalog holds an unknown \(Choice.self).")
        }
        return choice
    }

    func failure(code: Int, sentence: Int) -> RenderFailure? {
        guard let name = self[code] as String? else { return nil }
        return RenderFailure(code: name, sentence: self[sentence] ?? "")
    }
}

/// A column that says the same in most rows: what it said last is kept, decoded.
struct Repeated<Value> {
    private let decode: (Columns, Int) throws -> Value
    private var last: (text: [UInt8], value: Value)?

    init(_ decode: @escaping (Columns, Int) throws -> Value) {
        self.decode = decode
    }

    mutating func value(_ row: Columns, _ index: Int) throws -> Value {
        let text = row.text(index)
        if let last, let start = text.baseAddress, last.text.count == text.count,
            memcmp(last.text, start, text.count) == 0
        {
            return last.value
        }
        let value = try decode(row, index)
        last = (Array(text), value)
        return value
    }
}

extension Database {
    /// Runs a statement that is prepared once per connection; how many rows it changed, triggers'
    /// not counted.
    @discardableResult
    func run(_ sql: String, _ arguments: StatementArguments) throws -> Int {
        try cachedStatement(sql: sql).execute(arguments: arguments)
        return changesCount
    }

    /// The first row, decoded while the statement is on it; the statement is done then.
    func first<Result>(
        _ sql: String, _ arguments: StatementArguments, _ decode: (Columns) throws -> Result
    ) throws -> Result? {
        var result: Result?
        try step(sql, arguments) {
            result = try decode($0)
            return false
        }
        return result
    }

    func all<Result>(
        _ sql: String, _ arguments: StatementArguments, _ decode: (Columns) throws -> Result
    ) throws -> [Result] {
        var results: [Result] = []
        try forEach(sql, arguments) { results.append(try decode($0)) }
        return results
    }

    func forEach(
        _ sql: String, _ arguments: StatementArguments, _ body: (Columns) throws -> Void
    ) throws {
        try step(sql, arguments) {
            try body($0)
            return true
        }
    }

    /// As long as `body` says so, and there are rows.
    private func step(
        _ sql: String, _ arguments: StatementArguments, _ body: (Columns) throws -> Bool
    ) throws {
        let statement = try cachedStatement(sql: sql)
        try statement.setArguments(arguments)
        let handle = statement.sqliteStatement
        defer { sqlite3_reset(handle) }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: guard try body(Columns(statement: handle)) else { return }
            case SQLITE_DONE: return
            case let code:
                throw DatabaseError(
                    resultCode: ResultCode(rawValue: code), message: lastErrorMessage, sql: sql)
            }
        }
    }
}
