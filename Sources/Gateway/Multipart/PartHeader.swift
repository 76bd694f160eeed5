import API
import Text

extension MultipartReader {
    /// What a part says of itself.
    public struct Part: Equatable, Sendable {
        /// The form field's; not empty.
        public let name: String

        /// As the client wrote it, so maybe a path or worse: a label, never a file's name here. Nil
        /// for a field that is no file. `filename*` counts where there is no `filename`: RFC 7578,
        /// section 4.2, forbids it, and some clients send nothing else.
        public let fileName: String?

        /// Declared by the client; nil when it did not.
        public let contentType: String?
    }
}

extension MultipartReader.Part {
    /// - Parameter block: what lies between a boundary and the empty line that ends the header.
    init(headerBlock block: [UInt8]) throws {
        // RFC 7578, section 5.1, wants UTF-8; curl on Windows and old clients send file names in the
        // system's own encoding, and a photo is worth more than its name.
        let text = String(utf8OrLatin1: block)
        // CRLF is a Character of its own whatever follows it (UAX #29, GB3 to GB5).
        var lines = text.split(separator: "\r\n" as Character, omittingEmptySubsequences: false)
        // RFC 2046, section 5.1.1: blanks may pad the boundary's own line.
        guard lines.removeFirst().utf8.allSatisfy(isBlank) else {
            throw Problem.invalidRequest("A boundary must stand on a line of its own.")
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
                // RFC 7578, section 4.7, ends its use; base64 would be stored as it is.
                guard ["7bit", "8bit", "binary"].contains(value.asciiLowercased) else {
                    throw Problem.invalidRequest(
                        "A part must not have a Content-Transfer-Encoding.")
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

    /// `Name: value`, the name in lower case. RFC 9112, section 5.2: a line that begins with a blank
    /// would continue the one before it; that is refused, not guessed at.
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

/// Browsers write a quote in a name as %22 (WHATWG HTML, multipart/form-data). They write CR and LF
/// so too, but nobody needs those in a name.
private func unescaped(_ text: String) -> String {
    String(decoding: Array(text.utf8).replacing("%22".utf8, with: "\"".utf8), as: UTF8.self)
}

/// `UTF-8'en'name%20here.jpg` (RFC 8187, section 3.2); nil for what is none.
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
    Problem.invalidRequest("A part must have one \(name) header only.")
}
