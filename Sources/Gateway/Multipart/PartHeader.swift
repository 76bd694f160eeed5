extension MultipartReader {
    /// What a part says of itself.
    public struct Part: Equatable, Sendable {
        /// The form field's; not empty.
        public let name: String

        /// As the client wrote it, so maybe a path or worse: a label, never a file's name here. Nil
        /// for a field that is no file. `filename*` is not looked at, as RFC 7578, section 4.2, says.
        public let fileName: String?

        /// Declared by the client; nil when it did not.
        public let contentType: String?
    }
}

extension MultipartReader.Part {
    /// - Parameter block: what lies between a boundary and the empty line that ends the header.
    init(headerBlock block: [UInt8]) throws {
        guard let text = String(validating: block, as: UTF8.self) else {
            throw Problem.invalidRequest("The header of a part must be UTF-8.")
        }
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
                guard ["7bit", "8bit", "binary"].contains(value.lowercased()) else {
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
        self.init(name: name, fileName: form["filename"].map(unescaped), contentType: type)
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
        return (String(Substring(name)).lowercased(), trimmed(value))
    }
}

/// Browsers write a quote in a name as %22 (WHATWG HTML, multipart/form-data). They write CR and LF
/// so too, but nobody needs those in a name.
private func unescaped(_ text: String) -> String {
    text.replacing("%22", with: "\"")
}

private func repeated(_ name: String) -> Problem {
    Problem.invalidRequest("A part must have one \(name) header only.")
}
