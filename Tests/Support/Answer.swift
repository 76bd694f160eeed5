import Foundation

/// An HTTP response.
public struct Answer: Sendable {
    public let status: Int
    /// All headers with names in lower case, in the order in which they were received.
    public let fields: [(name: String, value: String)]
    /// By name; of several headers with one name, the last.
    public let headers: [String: String]
    public let body: [UInt8]

    /// - Parameter head: the status line and the headers.
    init(head: String, body: [UInt8]) {
        let lines = head.components(separatedBy: "\r\n")
        status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        fields = lines.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        headers = Dictionary(fields.map { ($0.name, $0.value) }) { $1 }
        self.body = body
    }

    /// - Parameter head: a response without its body.
    init(_ head: Answer, body: [UInt8]) {
        (status, fields, headers) = (head.status, head.fields, head.headers)
        self.body = body
    }

    /// The values of all headers of that name.
    public func values(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    public var text: String { String(decoding: body, as: UTF8.self) }
    public var json: JSON { (try? JSONDecoder().decode(JSON.self, from: Data(body))) ?? .null }

    public subscript(_ name: String) -> JSON { json[name] ?? .null }
    /// The contract's error code.
    public var code: String? { self["code"].string }
}

/// No response was received.
public struct NoAnswer: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) {
        self.description = description
    }
}
