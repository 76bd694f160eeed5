/// Writes JSON (RFC 8259) directly into bytes, for the responses of busy routes. JSONEncoder first builds a
/// tree, which took a quarter of the time of a status response. JSONWriter manages its own memory because an
/// Array checks its owner and its capacity at each append.
public struct JSONWriter: ~Copyable {
    private var memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1024)
    private var count = 0
    /// Whether the innermost object or array has a member yet.
    private var hasMember = false
    private let isPrintable: Bool

    /// - Parameter printable: also escapes characters that a terminal interprets or hides
    ///   (`String.printable`).
    public init(printable: Bool = false) {
        isPrintable = printable
    }

    deinit {
        memory.deallocate()
    }

    /// Everything written so far.
    public var bytes: [UInt8] { Array(memory[..<count]) }

    /// A text as a JSON string, with its quotation marks.
    public static func quoted(_ text: String) -> [UInt8] {
        var json = JSONWriter()
        json.string(text)
        return json.bytes
    }

    public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        try nested("{", "}", body)
    }

    public mutating func array<Element>(
        _ elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) throws -> Void
    ) rethrows {
        try nested("[", "]") { json in
            for element in elements {
                json.separate()
                json.hasMember = false
                try write(&json, element)
                json.hasMember = true
            }
        }
    }

    /// Adds a member to the current object; `write` writes its value.
    ///
    /// - Parameter name: must not need an escape.
    public mutating func member(
        _ name: StaticString, _ write: (inout JSONWriter) throws -> Void
    ) rethrows {
        begin(name)
        try write(&self)
        hasMember = true
    }

    /// Adds a member; nil becomes `null`, because the API never omits a member.
    public mutating func member(_ name: StaticString, _ value: String?) {
        begin(name)
        if let value { string(value) } else { null() }
        hasMember = true
    }

    /// Adds a member; nil becomes `null`.
    public mutating func member(_ name: StaticString, _ value: Int?) {
        begin(name)
        if let value { number(value) } else { null() }
        hasMember = true
    }

    /// Adds a member whose text is not a String.
    ///
    /// - Parameter value: UTF-8.
    public mutating func member(_ name: StaticString, utf8 value: UnsafeBufferPointer<UInt8>) {
        begin(name)
        quoted(value)
        hasMember = true
    }

    /// Adds a member whose name is known only at run time, as in a table.
    public mutating func member(
        named name: String, _ write: (inout JSONWriter) -> Void
    ) {
        separate()
        string(name)
        append(":")
        write(&self)
        hasMember = true
    }

    public mutating func member(named name: String, _ value: String) {
        member(named: name) { $0.string(value) }
    }

    public mutating func null() {
        append(literal: "null")
    }

    public mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { quoted($0) }
    }

    public mutating func number(_ number: Int) {
        var text = String(number)
        text.withUTF8 { append($0) }
    }

    /// Writes 0 for a number that is not finite, because JSON has no such numbers.
    public mutating func number(_ number: Double) {
        var text = String(number.isFinite ? number : 0)
        text.withUTF8 { append($0) }
    }

    private mutating func nested(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar,
        _ body: (inout JSONWriter) throws -> Void
    ) rethrows {
        append(open)
        hasMember = false
        try body(&self)
        append(close)
        hasMember = true
    }

    private mutating func begin(_ name: StaticString) {
        // The most frequent call of a list, so it writes everything at once.
        let length = name.utf8CodeUnitCount
        reserve(length + 4)
        var end = count
        func put(_ character: Unicode.Scalar) {
            memory[end] = UInt8(ascii: character)
            end += 1
        }
        if hasMember { put(",") }
        put("\"")
        let text = UnsafeBufferPointer(start: name.utf8Start, count: length)
        _ = UnsafeMutableBufferPointer(rebasing: memory[end...]).update(fromContentsOf: text)
        end += length
        put("\"")
        put(":")
        count = end
    }

    private mutating func separate() {
        if hasMember { append(",") }
    }

    private mutating func append(_ character: Unicode.Scalar) {
        append(UInt8(ascii: character))
    }

    private mutating func append(literal text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(_ byte: UInt8) {
        reserve(1)
        memory[count] = byte
        count += 1
    }

    private mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        reserve(text.count)
        _ = UnsafeMutableBufferPointer(rebasing: memory[count...]).update(fromContentsOf: text)
        count += text.count
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if more > memory.count - count { grow(by: more) }
    }

    private mutating func grow(by more: Int) {
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(
            capacity: max(2 * memory.count, count + more))
        _ = larger.update(fromContentsOf: memory[..<count])
        memory.deallocate()
        memory = larger
    }

    /// Checks eight bytes at a time, because nearly all text needs no escape. The highest bit of a byte of
    /// `below` is set if that byte was less than the one that was subtracted from it.
    private static func needsEscape(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let bytes = UnsafeRawBufferPointer(text)
        var place = 0
        while place + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let quotes = word ^ (ones * 0x22)
            let backslashes = word ^ (ones * 0x5C)
            let below =
                (word &- ones * 0x20) & ~word | (quotes &- ones) & ~quotes
                | (backslashes &- ones) & ~backslashes
            if below & (ones * 0x80) != 0 { return true }
            place += 8
        }
        return text[place...].contains(where: needsEscape)
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C
    }

    /// RFC 8259, section 7: only quotation marks, backslashes and controls need an escape.
    private mutating func quoted(_ text: UnsafeBufferPointer<UInt8>) {
        reserve(text.count + 2)
        append("\"")
        defer { append("\"") }
        if isPrintable, text.contains(where: { $0 >= 0x7F }) { return printable(text) }
        guard Self.needsEscape(text) else { return append(text) }
        var plain = text.startIndex
        for index in text.indices where Self.needsEscape(text[index]) {
            append(UnsafeBufferPointer(rebasing: text[plain..<index]))
            plain = index + 1
            append("\\")
            switch text[index] {
            case 0x22, 0x5C: append(text[index])
            case 0x0A: append("n")
            case 0x0D: append("r")
            case 0x09: append("t")
            default:
                var digits = "u" + text[index].hex(digits: 4)
                digits.withUTF8 { append($0) }
            }
        }
        append(UnsafeBufferPointer(rebasing: text[plain...]))
    }

    private mutating func printable(_ text: UnsafeBufferPointer<UInt8>) {
        var escaped = String(decoding: text, as: UTF8.self).escaped { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            default: scalar.isUnprintable ? scalar.jsonEscape : nil
            }
        }
        escaped.withUTF8 { append($0) }
    }
}

extension Unicode.Scalar {
    /// RFC 8259, section 7: one or two escaped code units.
    public var jsonEscape: String {
        String(self).utf16.map { "\\u" + $0.hex(digits: 4) }.joined()
    }
}
