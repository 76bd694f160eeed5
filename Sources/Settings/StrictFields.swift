import Foundation
import Model

/// The members of one JSON object in a file that people write: none may be unknown, and what is wrong
/// is said in a sentence that names the place.
struct StrictFields<Key: CodingKey & CaseIterable> {
    let container: KeyedDecodingContainer<Key>

    /// - Parameter allowed: of the keys; all unless said.
    init(_ decoder: any Decoder, _: Key.Type, only allowed: [Key] = Array(Key.allCases)) throws {
        container = try decoder.container(keyedBy: Key.self)
        let names = allowed.map(\.stringValue)
        let all = try decoder.container(keyedBy: AnyKey.self)
        for key in all.allKeys where !names.contains(key.stringValue) {
            throw Unusable(
                at: decoder.codingPath + [key],
                "is not known here; known are \(names.joined(separator: ", "))")
        }
    }

    func has(_ key: Key) -> Bool { container.contains(key) }

    func number(_ key: Key, in range: ClosedRange<Int>) throws -> Int {
        guard let number = try? container.decode(Int.self, forKey: key), range.contains(number)
        else {
            throw mistake(
                key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Nil when it is left out.
    func choice<Choice: RawRepresentable>(
        _ key: Key, among choices: [Choice]
    ) throws -> Choice? where Choice.RawValue == String {
        guard has(key) else { return nil }
        let text = try? container.decode(String.self, forKey: key)
        guard let choice = choices.first(where: { $0.rawValue == text }) else {
            throw mistake(
                key, "must be \(choices.map(\.rawValue).joined(separator: " or ")), or be left out")
        }
        return choice
    }

    func mistake(_ key: Key, _ rest: String) -> Unusable {
        Unusable(at: container.codingPath + [key], rest)
    }
}

/// Of a file that people write.
extension Unusable {
    /// - Parameter rest: of a sentence that the place begins.
    init(at place: [any CodingKey], _ rest: String) {
        self.init("\(Self.text(place)) \(rest).")
    }

    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(at: context.codingPath + [key], "is missing")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let wanted =
                switch type {
                case is String.Type: "text"
                case is [Any].Type: "a list"
                default: "an object"
                }
            self.init(at: context.codingPath, "must be \(wanted)")
        case .dataCorrupted(let context):
            let cause = context.underlyingError as NSError?
            let words = cause?.userInfo["NSDebugDescription"] as? String
            self.init("This is no JSON: \(words ?? context.debugDescription)")
        @unknown default:
            self.init("\(error)")
        }
    }

    /// `sizes[1].width`
    private static func text(_ place: [any CodingKey]) -> String {
        guard !place.isEmpty else { return "The file" }
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
