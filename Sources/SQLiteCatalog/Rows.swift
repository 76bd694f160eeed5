import Catalog
import GRDB

/// A stored value that no version of ours writes: the database was changed by other means. Names the
/// type, never the value.
struct Unreadable: Error, CustomStringConvertible {
    let description: String
}

extension Row {
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
        _ sql: String, _ arguments: StatementArguments, _ decode: (Row) throws -> Result
    ) throws -> Result? {
        let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        guard let row = try rows.next() else { return nil }
        return try decode(row)
    }

    func all<Result>(
        _ sql: String, _ arguments: StatementArguments, _ decode: (Row) throws -> Result
    ) throws -> [Result] {
        var results: [Result] = []
        try forEach(sql, arguments) { results.append(try decode($0)) }
        return results
    }

    func forEach(
        _ sql: String, _ arguments: StatementArguments, _ body: (Row) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        while let row = try rows.next() { try body(row) }
    }
}
