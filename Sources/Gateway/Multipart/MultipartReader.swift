import API

/// Reads a `multipart/form-data` body (RFC 7578; RFC 2046, section 5.1) part by part, in linear time
/// and constant memory:
///
///     var parts = try MultipartReader(body: request.body, contentType: request.header("Content-Type"))
///     while let part = try parts.next() {
///         while let chunk = try parts.read() { … }
///     }
///
/// Throws `Problem.invalidRequest` for a body that is malformed, ends too early or exceeds a limit.
public struct MultipartReader: ~Copyable {
    public struct Limits: Sendable {
        /// Bytes of one part's header. Browsers send about 200 and the file name.
        public var headerBytes = 8192
        /// Parts in a body.
        public var parts = 32
        /// Bytes before the first boundary and after the last one together. Clients usually send none.
        public var surroundingBytes = 65536

        public init() {}
    }

    private enum State {
        case preamble, content, betweenParts, ended
    }

    private let limits: Limits
    /// With the CRLF before it, which is part of the boundary (RFC 2046, section 5.1.1).
    private let delimiter: [UInt8]
    private var window: ByteWindow
    private var state = State.preamble
    private var parts = 0
    private var surroundingBytes = 0

    /// Whether this reader can read a body of this type.
    public static func reads(_ contentType: String?) -> Bool {
        contentType.flatMap { HeaderParameters($0) }?.value == "multipart/form-data"
    }

    public init(body: RequestBody, contentType: String?, limits: Limits = Limits()) throws {
        guard let type = contentType.flatMap({ HeaderParameters($0) }),
            type.value == "multipart/form-data", let boundary = type["boundary"],
            Self.isBoundary(boundary)
        else {
            throw Problem.invalidRequest(
                "Content-Type must be 'multipart/form-data; boundary=…', the boundary of 1 to 70 "
                    + "characters.")
        }
        self.limits = limits
        delimiter = Array("\r\n--\(boundary)".utf8)
        // With a CRLF before the body, the first boundary looks like all others.
        window = ByteWindow(
            body, after: Array("\r\n".utf8), capacity: max(65536, 2 * limits.headerBytes))
    }

    /// RFC 2046, section 5.1.1: bchars, of which the last is not a space.
    private static func isBoundary(_ text: String) -> Bool {
        (1...70).contains(text.utf8.count) && text.utf8.last != UInt8(ascii: " ")
            && text.utf8.allSatisfy { isLetterOrDigit($0) || "'()+_,-./:=? ".utf8.contains($0) }
    }

    /// The next part; nil after the last one. Unread bytes of the previous part are skipped.
    public mutating func next() throws -> Part? {
        if state == .preamble {
            while let count = try contentBytes() {
                // The count includes the CRLF that was added before the body.
                try pass(count)
            }
        }
        while state == .content, let count = try contentBytes() { window.drop(count) }
        guard state == .betweenParts else { return nil }

        while window.count < 2 { try fill() }
        if window.starts(with: Array("--".utf8)) {
            try passEpilogue()
            return nil
        }
        parts += 1
        guard parts <= limits.parts else {
            throw Problem.invalidRequest("A request must not have more than \(limits.parts) parts.")
        }
        let part = try Part(headerBlock: headerBlock())
        state = .content
        return part
    }

    /// The next bytes of the part that `next` returned last, at most 64 KiB; nil at its end.
    public mutating func read() throws -> [UInt8]? {
        guard state == .content, let count = try contentBytes() else { return nil }
        return window.take(count)
    }

    /// The rest of the part as text of at most `limit` bytes.
    public mutating func readText(limit: Int = 4096) throws -> String {
        var bytes: [UInt8] = []
        while let chunk = try read() {
            bytes += chunk
            guard bytes.count <= limit else {
                throw Problem.invalidRequest("A text field must not have more than \(limit) bytes.")
            }
        }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem.invalidRequest("A text field must be UTF-8 without a NUL character.")
        }
        return text
    }

    /// How many bytes at the start of the window belong to the content, at least one. Nil when a delimiter is
    /// next, which is then dropped.
    private mutating func contentBytes() throws -> Int? {
        while true {
            if let offset = window.firstOffset(of: delimiter) {
                if offset > 0 { return offset }
                window.drop(delimiter.count)
                state = .betweenParts
                return nil
            }
            // All except the last bytes, in which a delimiter may begin.
            let certain = window.count - delimiter.count + 1
            if certain > 0 { return certain }
            try fill()
        }
    }

    /// The bytes between a boundary and the empty line after its header.
    private mutating func headerBlock() throws -> [UInt8] {
        let end = Array("\r\n\r\n".utf8)
        var searched = 0
        while true {
            let offset = window.firstOffset(of: end, from: searched)
            guard offset ?? window.count <= limits.headerBytes else {
                throw Problem.invalidRequest(
                    "The header of a part must not have more than \(limits.headerBytes) bytes.")
            }
            if let offset {
                defer { window.drop(end.count) }
                return window.take(offset)
            }
            searched = max(0, window.count - end.count + 1)
            try fill()
        }
    }

    private mutating func pass(_ count: Int) throws {
        window.drop(count)
        surroundingBytes += count
        guard surroundingBytes <= limits.surroundingBytes else {
            throw Problem.invalidRequest(
                "The form has more than \(limits.surroundingBytes) bytes around its parts.")
        }
    }

    /// Reads to the end of the body: a client that is disconnected while it still sends shows no response.
    private mutating func passEpilogue() throws {
        repeat { try pass(window.count) } while try window.fill()
        state = .ended
    }

    private mutating func fill() throws {
        guard try window.fill() else {
            throw Problem.invalidRequest("The body ends before its closing boundary.")
        }
    }
}
