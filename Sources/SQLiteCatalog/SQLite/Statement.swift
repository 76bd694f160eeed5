import CSQLite

/// A prepared statement. Whenever it is not executed, it is reset and has no arguments.
final class Statement {
    let handle: OpaquePointer
    private unowned let database: Database
    private var names: [[UInt8]] = []
    /// Columns in the order in which they were first read, each with the address of the literal that names
    /// it. From the second row on, each column that is read is the next one here.
    private var known: [(name: UnsafePointer<UInt8>, index: Int32)] = []
    private var next = 0

    init(_ sql: String, on database: Database) throws {
        var prepared: OpaquePointer?
        // The connection keeps it and runs it many times.
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        try database.check(sqlite3_prepare_v3(database.handle, sql, -1, flags, &prepared, nil))
        guard let prepared else { throw SQLiteError(code: SQLITE_MISUSE, message: "no statement") }
        handle = prepared
        self.database = database
    }

    deinit {
        sqlite3_finalize(handle)
    }

    func execute<Result>(
        _ arguments: Arguments, _ body: (Statement) throws -> Result
    ) throws -> Result {
        precondition(sqlite3_stmt_busy(handle) == 0, "a statement within itself")
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        precondition(
            arguments.values.count == sqlite3_bind_parameter_count(handle), "arguments are missing")
        for (place, argument) in arguments.values.enumerated() {
            let index =
                argument.name.map { sqlite3_bind_parameter_index(handle, ":" + $0) }
                ?? Int32(place + 1)
            try database.check(
                argument.value?.bind(to: handle, at: index) ?? sqlite3_bind_null(handle, index))
        }
        return try body(self)
    }

    /// False when there are no more rows.
    func step() throws -> Bool {
        next = 0
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw database.error(code)
        }
    }

    /// The number of the column with this name.
    func index(of name: StaticString) -> Int32 {
        if next < known.count, known[next].name == name.utf8Start {
            next += 1
            return known[next - 1].index
        }
        if let place = known.firstIndex(where: { $0.name == name.utf8Start }) {
            next = place + 1
            return known[place].index
        }
        if names.isEmpty {
            names = (0..<sqlite3_column_count(handle)).map { index in
                Array(String(cString: sqlite3_column_name(handle, index)).utf8)
            }
        }
        let text = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        guard let index = names.firstIndex(where: { $0.elementsEqual(text) }) else {
            preconditionFailure("no column \(name)")
        }
        known.append((name.utf8Start, Int32(index)))
        next = known.count
        return Int32(index)
    }
}

/// The values of a statement's parameters, in their order or by name.
struct Arguments: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    fileprivate var values: [(name: String?, value: (any Bindable)?)]

    init(arrayLiteral values: (any Bindable)?...) {
        self.values = values.map { (nil, $0) }
    }

    init(dictionaryLiteral values: (String, (any Bindable)?)...) {
        self.values = values.map { ($0, $1) }
    }

    static func + (one: Arguments, other: Arguments) -> Arguments {
        var sum = one
        sum.values += other.values
        return sum
    }

    static func += (one: inout Arguments, other: Arguments) {
        one = one + other
    }
}

protocol Bindable {
    /// Returns a result code.
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32
}

/// SQLITE_TRANSIENT: SQLite copies the bytes.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Int64: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        sqlite3_bind_int64(statement, index, self)
    }
}

extension Int: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        sqlite3_bind_int64(statement, index, Int64(self))
    }
}

extension String: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text64(
                    statement, index, $0.baseAddress, UInt64($0.count), transient,
                    UInt8(SQLITE_UTF8))
            }
        }
    }
}

/// A BLOB.
extension [UInt8]: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        // An empty array is an empty blob, not NULL.
        guard !isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
        return withUnsafeBytes {
            sqlite3_bind_blob64(statement, index, $0.baseAddress, UInt64($0.count), transient)
        }
    }
}
