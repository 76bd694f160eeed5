import API
import Foundation
import Processes
import Text

extension Response {
    /// A file on the disk, or the range of it that the request names, under the request's conditions
    /// (RFC 9110, sections 13 and 14). A request for several ranges gets the whole file, as section 14.2
    /// allows. Nil when `path` is missing or not a regular file; a symbolic link is not followed.
    ///
    /// Throws `Problem` 412 and 416.
    public static func file(
        at path: String, for request: Request, headers: [(name: String, value: String)]
    ) throws -> Response? {
        guard let file = try? FileDescriptor(opening: path, O_RDONLY | O_NOFOLLOW) else {
            return nil
        }
        var status = stat()
        guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        let size = Int64(status.st_size)
        let state = FileState(modified: status.st_mtim.tv_sec, size: size)
        let known = headers + [("ETag", state.etag), ("Last-Modified", state.lastModified)]
        switch try state.outcome(for: request) {
        case .notModified: return Response(status: 304, headers: known)
        case .send: break
        }
        guard state.allowsRange(for: request),
            let asked = request.header("Range").flatMap(ByteRange.init)
        else {
            return Response(
                status: 200, headers: known + [("Accept-Ranges", "bytes")],
                body: .file(FilePart(file, 0..<size)))
        }
        guard let range = asked.resolved(in: size) else {
            throw Problem.rangeNotSatisfiable(size: size)
        }
        let place = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
        return Response(
            status: 206, headers: known + [("Content-Range", place)],
            body: .file(FilePart(file, range)))
    }
}

/// What distinguishes the versions of a file. The ETag is the one that nginx sends, so caches stay valid when
/// another web server serves the file.
private struct FileState {
    enum Outcome { case send, notModified }

    /// Seconds since 1970.
    let modified: Int
    let size: Int64

    var etag: String { "\"\(String(modified, radix: 16))-\(String(size, radix: 16))\"" }

    var lastModified: String { HTTPDate.text(modified) }

    /// RFC 9110, section 13.2.2: in this order, and a date is ignored when the header with tags is present.
    func outcome(for request: Request) throws -> Outcome {
        if let tags = request.header("If-Match") {
            // A strong comparison: a weak tag never matches.
            guard Self.lists(tags, etag, weakly: false) else { throw Problem.preconditionFailed }
        } else if let since = request.header("If-Unmodified-Since").flatMap(HTTPDate.seconds) {
            guard modified <= since else { throw Problem.preconditionFailed }
        }
        if let tags = request.header("If-None-Match") {
            return Self.lists(tags, etag, weakly: true) ? .notModified : .send
        }
        // Only the same date, as in nginx: an older file may have replaced a newer one.
        let since = request.header("If-Modified-Since").flatMap(HTTPDate.seconds)
        return since == modified ? .notModified : .send
    }

    /// Section 13.1.5: the client would join a range of another version with the bytes that it has.
    func allowsRange(for request: Request) -> Bool {
        guard let condition = request.header("If-Range") else { return true }
        return condition.isSame(as: etag) || HTTPDate.seconds(condition) == modified
    }

    /// Whether a list of tags contains `etag`. No tag made here contains a comma.
    private static func lists(_ header: String, _ etag: String, weakly: Bool) -> Bool {
        header.parts(separatedBy: ",").contains { part in
            let listed = trimmed(part.utf8)
            let isWeak = weakly && listed.starts(withBytes: "W/")
            let tag = Substring(listed.utf8.dropFirst(isWeak ? 2 : 0))
            return tag.isSame(as: "*") || tag.isSame(as: etag)
        }
    }
}

/// IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7): the only form that may be sent.
/// Dates are converted to and from seconds since 1970.
private enum HTTPDate {
    static func text(_ seconds: Int) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return String(parts, as: "%a, %d %b %Y %H:%M:%S GMT")
    }

    /// Nil for another form, and for a date that does not exist.
    static func seconds(_ text: String) -> Int? {
        let words = text.utf8.split { " :".utf8.contains($0) }.map(Substring.init)
        guard words.count == 8, let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        var parts = tm()
        parts.tm_mon = Int32(month)
        for (word, part) in [
            (1, \tm.tm_mday), (3, \.tm_year), (4, \.tm_hour), (5, \.tm_min), (6, \.tm_sec),
        ] {
            guard let number = Int32(words[word]) else { return nil }
            parts[keyPath: part] = number
        }
        parts.tm_year -= 1900
        let seconds = timegm(&parts)
        return Self.text(seconds).isSame(as: text) ? seconds : nil
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

/// The one range of `Range: bytes=…` (RFC 9110, section 14.1.2).
struct ByteRange {
    private let first: Int64?
    private let last: Int64?

    /// Nil for several ranges, another unit or a malformed value: the header is then ignored.
    init?(_ header: String) {
        guard header.starts(withBytes: "bytes=") else { return nil }
        let ends = Substring(header.utf8.dropFirst(6)).parts(separatedBy: "-")
        guard ends.count == 2,
            ends.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            !(ends[0].isEmpty && ends[1].isEmpty)
        else { return nil }
        // A number that does not fit into 64 bits is past the end of any file.
        first = ends[0].isEmpty ? nil : Int64(ends[0]) ?? .max
        last = ends[1].isEmpty ? nil : Int64(ends[1]) ?? .max
        if let first, let last, last < first { return nil }
    }

    /// Nil when a file of `size` bytes has no byte of the range.
    func resolved(in size: Int64) -> Range<Int64>? {
        guard let first else {
            let count = min(last ?? 0, size)
            return count > 0 ? size - count..<size : nil
        }
        guard first < size else { return nil }
        return first..<min(last ?? .max, size - 1) + 1
    }
}
