import Foundation

/// The body of a request.
public struct Body: Sendable {
    public let type: String
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8], type: String) {
        self.bytes = bytes
        self.type = type
    }

    public static func json(_ text: String) -> Body {
        Body(Array(text.utf8), type: "application/json")
    }

    /// The file's bytes, without a form around them.
    public static func file(_ path: String, type: String) throws -> Body {
        Body(try Photos.bytes(of: path), type: type)
    }

    /// A part of a form.
    public enum Part: Sendable {
        case text(_ name: String, _ value: String)
        /// - Parameter as: the file name in the form; nil for the name in `path`.
        case file(_ name: String, _ path: String, as: String? = nil)
    }

    /// `multipart/form-data` (RFC 7578).
    public static func form(_ parts: [Part]) throws -> Body {
        let boundary = "------------------------5fe3b0c9a1d7e284"
        var bytes: [UInt8] = []
        for part in parts {
            bytes += Array("--\(boundary)\r\nContent-Disposition: form-data; name=".utf8)
            switch part {
            case .text(let name, let value):
                bytes += Array("\"\(name)\"\r\n\r\n\(value)".utf8)
            case .file(let name, let path, let fileName):
                let fileName = fileName ?? String(path.split(separator: "/").last ?? "")
                bytes += Array("\"\(name)\"; filename=\"\(fileName)\"\r\n".utf8)
                bytes += Array("Content-Type: application/octet-stream\r\n\r\n".utf8)
                bytes += try Photos.bytes(of: path)
            }
            bytes += Array("\r\n".utf8)
        }
        bytes += Array("--\(boundary)--\r\n".utf8)
        return Body(bytes, type: "multipart/form-data; boundary=\(boundary)")
    }
}
