import Foundation
import Model
import Text

/// The members of one JSON object in a file that users write. Unknown members are errors, and every error
/// names the place, like `sizes[1].width`.
struct StrictFields<Key: CodingKey & CaseIterable> {
    let container: KeyedDecodingContainer<Key>

    /// - Parameter allowed: the keys that the object may have; all keys by default.
    init(_ decoder: any Decoder, _: Key.Type, only allowed: [Key] = Array(Key.allCases)) throws {
        container = try decoder.container(keyedBy: Key.self)
        let names = allowed.map(\.stringValue)
        let all = try decoder.container(keyedBy: AnyKey.self)
        for key in all.allKeys where !names.contains(key.stringValue) {
            throw ConfigurationError(
                at: decoder.codingPath + [key],
                "is not known; known members are \(names.joined(separator: ", "))")
        }
    }

    func has(_ key: Key) -> Bool { container.contains(key) }

    func number(_ key: Key, in range: ClosedRange<Int>) throws -> Int {
        guard let number = try? container.decode(Int.self, forKey: key), range.contains(number)
        else {
            throw valueError(
                key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Nil if the member is omitted.
    func choice<Choice: RawRepresentable>(
        _ key: Key, among choices: [Choice]
    ) throws -> Choice? where Choice.RawValue == String {
        guard has(key) else { return nil }
        let text = try? container.decode(String.self, forKey: key)
        guard let choice = choices.first(where: { $0.rawValue == text }) else {
            throw valueError(
                key,
                "must be \(HumanReadable.alternatives(choices.map(\.rawValue))), or be omitted")
        }
        return choice
    }

    func fieldError(_ key: Key, _ rest: String) -> ConfigurationError {
        ConfigurationError(at: container.codingPath + [key], rest)
    }

    /// Like `fieldError`, with the member's value at the end.
    func valueError(_ key: Key, _ rest: String) -> ConfigurationError {
        fieldError(key, rest + (value(key).map { ", but is \($0)" } ?? ""))
    }

    /// Nil if the member is missing, null, an array or an object.
    private func value(_ key: Key) -> String? {
        if let text = try? container.decode(String.self, forKey: key) { return "\"\(text)\"" }
        if let flag = try? container.decode(Bool.self, forKey: key) { return "\(flag)" }
        if let number = try? container.decode(Int.self, forKey: key) { return "\(number)" }
        if let number = try? container.decode(Double.self, forKey: key) { return "\(number)" }
        return nil
    }
}

/// Errors in a file that users write.
extension ConfigurationError {
    /// - Parameter rest: the rest of a sentence that begins with the place, without the full stop.
    init(at place: [any CodingKey], _ rest: String) {
        self.init("\(Self.text(place)) \(rest).")
    }

    /// - Parameter text: the whole file.
    init(_ error: DecodingError, in text: Data) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(at: context.codingPath + [key], "is missing")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let wanted =
                switch type {
                case is String.Type: "a string"
                case is [Any].Type: "an array"
                default: context.codingPath.isEmpty ? "a JSON object" : "an object"
                }
            self.init(at: context.codingPath, "must be \(wanted)")
        case .dataCorrupted:
            guard let offset = JSONScanner.firstError(in: Array(text)) else {
                self.init("the file is not valid JSON in UTF-8.")
                return
            }
            self.init("\(Self.place(of: offset, in: text)): not valid JSON.")
        @unknown default:
            self.init("\(error)")
        }
    }

    /// `line 3, column 5`, both from 1. Columns are Unicode code points.
    private static func place(of offset: Int, in text: Data) -> String {
        let lines = text.prefix(offset).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // All bytes of a code point except the first are 10xxxxxx (RFC 3629, section 3).
        let column = lines[lines.count - 1].filter { $0 & 0xC0 != 0x80 }.count + 1
        return "line \(lines.count), column \(column)"
    }

    /// `sizes[1].width`
    private static func text(_ place: [any CodingKey]) -> String {
        guard !place.isEmpty else { return "the file" }
        return place.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) { nil }
}
