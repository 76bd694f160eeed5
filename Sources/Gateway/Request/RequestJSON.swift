import API
import Foundation
import Text

extension Request {
    /// The body as a JSON object (RFC 8259). Members that `type` does not have are ignored.
    ///
    /// Throws `Problem.invalidRequest` with a sentence that names the field and what it must be, or
    /// `Problem.tooLarge` beyond `limit` bytes.
    public func json<Value: Decodable>(_ type: Value.Type, limit: Int = 65536) throws -> Value {
        guard let value = try optionalJSON(type, limit: limit) else {
            throw Problem.invalidRequest("The request body is empty. Send a JSON object.")
        }
        return value
    }

    /// The same, but nil when the body is empty.
    public func optionalJSON<Value: Decodable>(
        _ type: Value.Type, limit: Int = 65536
    ) throws -> Value? {
        let bytes = try body.readAll(limit: limit)
        guard !bytes.isEmpty else { return nil }
        // JSONDecoder also accepts UTF-16 and UTF-32, which RFC 8259, section 8.1, does not allow. Text in
        // those has zero bytes, which valid JSON never has.
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            throw Problem.invalidRequest("The request body must be JSON in UTF-8.")
        }
        guard bytes.first(where: { !JSONScanner.isSpace($0) }) == UInt8(ascii: "{") else {
            throw Problem.invalidRequest("The request body must be a JSON object.")
        }
        guard JSONScanner.isValid(bytes) else {
            throw Problem.invalidRequest("The request body is not valid JSON.")
        }
        let decoder = JSONDecoder()
        do {
            let value = try decoder.decode(type, from: Data(bytes))
            // A NUL in a member that `type` does not have is ignored with the member.
            guard !hasEscapedNUL(bytes) || !hasNUL(value) else {
                throw Problem.invalidRequest(
                    "Text in the request body must not contain a NUL character.")
            }
            return value
        } catch let error as DecodingError {
            let isJSON = (try? decoder.decode(AnyJSON.self, from: Data(bytes))) != nil
            throw Problem.invalidRequest(
                isJSON ? sentence(for: error) : "The request body is not valid JSON.")
        }
    }
}

/// Decodes from any JSON value.
private struct AnyJSON: Decodable {
    init(from decoder: any Decoder) {}
}

/// Whether any text in a decoded value contains a NUL.
private func hasNUL(_ value: Any) -> Bool {
    if let text = value as? String { return text.utf8.contains(0) }
    return Mirror(reflecting: value).children.contains { hasNUL($0.value) }
}

/// A quick check first: almost no body has an escaped NUL.
private func hasEscapedNUL(_ json: [UInt8]) -> Bool {
    var rest = json[...]
    while let backslash = rest.firstIndex(of: UInt8(ascii: "\\")) {
        if json[backslash...].starts(with: #"\u0000"#.utf8) { return true }
        rest = json[min(backslash + 2, json.count)...]
    }
    return false
}

/// Names the field, but never the value that the client sent: it may be a password.
private func sentence(for error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
        "The field '\(name(context.codingPath + [key]))' is missing."
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
        "\(subject(context)) must be \(words(for: type))."
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
        "\(subject(context)) has an invalid value."
    default:
        // JSONDecoder names no member for a fraction where a whole number is required, for a number that is
        // too large, and for a string with an incomplete escape.
        "A number or a string in the JSON is malformed, or out of range."
    }
}

private func subject(_ context: DecodingError.Context) -> String {
    context.codingPath.isEmpty ? "The request body" : "The field '\(name(context.codingPath))'"
}

private func name(_ path: [any CodingKey]) -> String {
    path.reduce(into: "") { text, key in
        if let index = key.intValue {
            text += "[\(index)]"
        } else {
            text += (text.isEmpty ? "" : ".") + key.stringValue
        }
    }
}

private func words(for type: Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is any FixedWidthInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is [Any].Type, is any UnkeyedDecodingContainer.Type: "an array"
    case is [String: Any].Type: "an object"
    default: String(describing: type).hasPrefix("Array<") ? "an array" : "of another type"
    }
}
