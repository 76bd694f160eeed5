import API
import Text

extension MultipartReader {
    /// The header of a part.
    public struct Part: Equatable, Sendable {
        /// Name of the form field; not empty.
        public let name: String

        /// As the client sent it, so it may be a path or an attack: use it only as text to show, never as the
        /// name of a file. Nil for a field without a file. `filename*` is read when there is no `filename`:
        /// RFC 7578, section 4.2, forbids it, but some clients send only that.
        public let fileName: String?

        /// As the client declared it; nil when it did not.
        public let contentType: String?
    }
}

extension MultipartReader.Part {
    /// - Parameter block: the bytes between a boundary and the empty line that ends the header.
    init(headerBlock block: [UInt8]) throws {
        // RFC 7578, section 5.1, requires UTF-8. curl on Windows and old clients send file names in the
        // system's encoding: the image is accepted although its name may be wrong.
        let text = String(utf8OrLatin1: block)
        // CRLF is one Character, regardless of what follows it (UAX #29, GB3 to GB5).
        var lines = text.split(separator: "\r\n" as Character, omittingEmptySubsequences: false)
        // RFC 2046, section 5.1.1: spaces and tabs may follow the boundary on its line.
        guard lines.removeFirst().utf8.allSatisfy(isBlank) else {
            throw Problem.invalidRequest("A boundary must be on a line of its own.")
        }

        var disposition: String?
        var type: String?
        for line in lines {
            let (name, value) = try Self.field(line.utf8)
            switch name {
            case "content-disposition":
                guard disposition == nil else { throw repeated(name) }
                disposition = value
            case "content-type":
                guard type == nil else { throw repeated(name) }
                type = value
            case "content-transfer-encoding":
                // RFC 7578, section 4.7, deprecates it. Base64 would be stored without decoding.
                guard ["7bit", "8bit", "binary"].contains(value.asciiLowercased) else {
                    throw Problem.invalidRequest(
                        "The Content-Transfer-Encoding of a part must be 7bit, 8bit or binary.")
                }
            default:
                continue
            }
        }

        guard let disposition, let form = HeaderParameters(disposition), form.value == "form-data",
            let name = form["name"].map(unescaped), !name.isEmpty
        else {
            throw Problem.invalidRequest(
                "Each part must have a header 'Content-Disposition: form-data; name=\"…\"'.")
        }
        let fileName =
            form["filename"].map(unescaped) ?? form["filename*"].flatMap(extendedValue)
        self.init(name: name, fileName: fileName, contentType: type)
    }

    /// `Name: value`, with the name in lower case. A line that begins with a space would continue the
    /// previous line (RFC 9112, section 5.2). Such a line is refused.
    private static func field(_ line: Substring.UTF8View) throws -> (name: String, value: String) {
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        let value = line.dropFirst(name.count + 1)
        guard name.count < line.count, !name.isEmpty, name.allSatisfy(isTokenByte),
            value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
        else {
            throw Problem.invalidRequest("The header of a part is malformed.")
        }
        return (String(Substring(name)).asciiLowercased, trimmed(value))
    }
}

/// Browsers write a quote in a name as %22 (WHATWG HTML, multipart/form-data). They also escape CR and LF,
/// which stay escaped, since a name needs neither.
private func unescaped(_ text: String) -> String {
    String(decoding: Array(text.utf8).replacing("%22".utf8, with: "\"".utf8), as: UTF8.self)
}

/// Decodes `UTF-8'en'name%20here.jpg` (RFC 8187, section 3.2); nil for a malformed value.
private func extendedValue(_ text: String) -> String? {
    let parts = text.parts(separatedBy: "'")
    guard parts.count == 3, let bytes = percentDecodedBytes(parts[2].utf8) else { return nil }
    switch parts[0].asciiLowercased {
    case "utf-8": return String(validating: bytes, as: UTF8.self)
    case "iso-8859-1": return String(String.UnicodeScalarView(bytes.map(Unicode.Scalar.init)))
    default: return nil
    }
}

private func repeated(_ name: String) -> Problem {
    Problem.invalidRequest("A part must have only one \(name) header.")
}
