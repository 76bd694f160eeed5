import Foundation
import Text

/// A response, to which `serialized` adds the request id.
public struct Response: Sendable {
    public enum Body: Sendable {
        case bytes([UInt8])
        /// Read from the disk while it is sent.
        case file(FilePart)

        /// In bytes.
        public var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .file(let part): part.count
            }
        }
    }

    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: Body

    public init(status: Int, headers: [(name: String, value: String)] = [], body: Body = .bytes([]))
    {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A member that is nil is left out unless it is `@Nullable`.
    ///
    /// - Precondition: `value` can be encoded; otherwise it is a bug of this program.
    public static func json(_ status: Int, _ value: some Encodable) -> Response {
        do {
            return Response(
                status: status, headers: jsonHeaders,
                body: .bytes([UInt8](try encoder.encode(value))))
        } catch {
            preconditionFailure("\(type(of: value)) does not encode: \(error)")
        }
    }

    /// An object whose members `write` writes.
    public static func json(
        _ status: Int, object write: (inout JSONWriter) throws -> Void
    ) rethrows -> Response {
        var json = JSONWriter()
        try json.object(write)
        return Response(status: status, headers: jsonHeaders, body: .bytes(json.bytes))
    }

    private static let jsonHeaders = [
        (name: "Content-Type", value: "application/json"),
        (name: "Cache-Control", value: "no-store"),
    ]

    /// A response without a body, such as 204.
    public static func empty(_ status: Int) -> Response {
        Response(status: status)
    }

    public func adding(_ name: String, _ value: String) -> Response {
        var copy = self
        copy.headers.append((name, value))
        return copy
    }

    /// The response as a CGI program writes it (RFC 3875, section 6), which is also FastCGI's form. The bytes
    /// of a file are not in it: they are sent after it.
    func serialized(requestID: String, isHead: Bool) -> [UInt8] {
        var head = "Status: \(status) \(reason)\r\nX-Request-Id: \(requestID)\r\n"
        for (name, value) in headers { head += "\(name): \(singleLine(value))\r\n" }
        // RFC 9110, section 8.6: responses with these two statuses have no Content-Length.
        if status != 204 && status != 304 { head += "Content-Length: \(body.count)\r\n" }
        head += "\r\n"

        guard case .bytes(let bytes) = body, !isHead else { return Array(head.utf8) }
        var all: [UInt8] = []
        all.reserveCapacity(head.utf8.count + bytes.count)
        all += head.utf8
        all += bytes
        return all
    }

    /// The reason phrase of RFC 9110, section 15. Only Apache passes it on to clients.
    private var reason: String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        case 507: "Insufficient Storage"
        default: "Status"
        }
    }
}

/// Sorted, so that the same response has the same bytes.
private let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
}()

/// RFC 9110, section 5.5: CR, LF and NUL in a value are dangerous, and may be replaced by a space.
private func singleLine(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return value }
    return String(decoding: value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
}
