import Foundation

/// Parses a response (RFC 9112) from its bytes as they arrive.
struct AnswerReader {
    private var bytes: [UInt8] = []
    /// Where the unparsed bytes start: the head, or the body when `head` is known.
    private var start = 0
    private var head: Answer?

    mutating func append(_ more: ArraySlice<UInt8>) {
        bytes += more
    }

    /// Nil while bytes are missing. Skips responses with a status of 1xx.
    ///
    /// - Parameter isWhole: whether the connection has ended.
    mutating func answer(hasBody: Bool, isWhole: Bool = false) -> Answer? {
        while head == nil {
            guard let end = position(of: "\r\n\r\n", from: start) else { return nil }
            let next = Answer(head: String(decoding: bytes[start..<end], as: UTF8.self), body: [])
            start = end + 4
            if !(100..<200).contains(next.status) { head = next }
        }
        guard let head else { return nil }
        if hasBody, head.headers["transfer-encoding"] == "chunked" {
            let (body, isComplete) = chunks()
            return isComplete || isWhole ? Answer(head, body: body) : nil
        }
        let isEmpty = !hasBody || [204, 304].contains(head.status)
        let length = isEmpty ? 0 : head.headers["content-length"].flatMap { Int($0) }
        let isComplete = length.map { bytes.count - start >= $0 } ?? false
        return isComplete || isWhole ? Answer(head, body: Array(bytes[start...])) : nil
    }

    /// RFC 9112, section 7.1.
    private func chunks() -> (body: [UInt8], isComplete: Bool) {
        var body: [UInt8] = []
        var position = start
        while let end = self.position(of: "\r\n", from: position) {
            let line = String(decoding: bytes[position..<end], as: UTF8.self)
            guard let length = Int(line.prefix { $0 != ";" }, radix: 16) else { break }
            if length == 0 { return (body, self.position(of: "\r\n", from: end + 2) != nil) }
            let next = end + 2 + length
            guard next + 2 <= bytes.count else { break }
            body += bytes[end + 2..<next]
            position = next + 2
        }
        return (body, false)
    }

    /// - Parameter text: begins with CR.
    private func position(of text: String, from start: Int) -> Int? {
        bytes.withUnsafeBytes { all -> Int? in
            guard let base = all.baseAddress else { return nil }
            var next = start
            while next < all.count, let found = memchr(base + next, 13, all.count - next) {
                let position = UnsafeRawPointer(found) - base
                if all[position...].starts(with: text.utf8) { return position }
                next = position + 1
            }
            return nil
        }
    }
}
