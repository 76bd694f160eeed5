import API
import Foundation
import Processes
import Text

extension Response {
    /// A file of the disk, or the part of it that the request asks for, under the conditions that it
    /// sets (RFC 9110, sections 13 and 14). Of several ranges in one request the whole file comes of
    /// it, as section 14.2 allows. Nil when there is no such file; links are not followed.
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
        guard let range = asked.resolved(in: size) else { throw Problem.noSuchRange(size: size) }
        let place = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
        return Response(
            status: 206, headers: known + [("Content-Range", place)],
            body: .file(FilePart(file, range)))
    }
}

/// What of a file tells its versions apart. The ETag is nginx's: a cache stays good when the server
/// changes.
private struct FileState {
    enum Outcome { case send, notModified }

    /// Seconds since 1970.
    let modified: Int
    let size: Int64

    var etag: String { "\"\(String(modified, radix: 16))-\(String(size, radix: 16))\"" }

    var lastModified: String { HTTPDate.text(modified) }

    /// RFC 9110, section 13.2.2: in this order, and a date counts only without the tag's header.
    func outcome(for request: Request) throws -> Outcome {
        if let tags = request.header("If-Match") {
            // Strong: a tag that is weak fits none.
            guard Self.lists(tags, etag, weakly: false) else { throw Problem.preconditionFailed }
        } else if let since = request.header("If-Unmodified-Since").flatMap(HTTPDate.seconds) {
            guard modified <= since else { throw Problem.preconditionFailed }
        }
        if let tags = request.header("If-None-Match") {
            return Self.lists(tags, etag, weakly: true) ? .notModified : .send
        }
        // Exactly, as nginx does: a file of an earlier date may have taken the place of a later one.
        let since = request.header("If-Modified-Since").flatMap(HTTPDate.seconds)
        return since == modified ? .notModified : .send
    }

    /// Section 13.1.5: a range of another version would be put together with what is there already.
    func allowsRange(for request: Request) -> Bool {
        guard let condition = request.header("If-Range") else { return true }
        return condition.isSame(as: etag) || HTTPDate.seconds(condition) == modified
    }

    /// Our tags have no comma.
    private static func lists(_ header: String, _ etag: String, weakly: Bool) -> Bool {
        header.parts(separatedBy: ",").contains { part in
            let listed = trimmed(part.utf8)
            let isWeak = weakly && listed.starts(withBytes: "W/")
            let tag = Substring(listed.utf8.dropFirst(isWeak ? 2 : 0))
            return tag.isSame(as: "*") || tag.isSame(as: etag)
        }
    }
}

/// IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7): the one form that may be
/// sent. Seconds since 1970.
private enum HTTPDate {
    static func text(_ seconds: Int) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return String(parts, as: "%a, %d %b %Y %H:%M:%S GMT")
    }

    /// Nil for another form, and for a day that is none.
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

    /// Nil for several, for another unit, and for what is none: then the header is to be ignored.
    init?(_ header: String) {
        guard header.starts(withBytes: "bytes=") else { return nil }
        let ends = Substring(header.utf8.dropFirst(6)).parts(separatedBy: "-")
        guard ends.count == 2,
            ends.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            !(ends[0].isEmpty && ends[1].isEmpty)
        else { return nil }
        // More digits than fit are past any file's end.
        first = ends[0].isEmpty ? nil : Int64(ends[0]) ?? .max
        last = ends[1].isEmpty ? nil : Int64(ends[1]) ?? .max
        if let first, let last, last < first { return nil }
    }

    /// Nil when a file of that size has none of it.
    func resolved(in size: Int64) -> Range<Int64>? {
        guard let first else {
            let count = min(last ?? 0, size)
            return count > 0 ? size - count..<size : nil
        }
        guard first < size else { return nil }
        return first..<min(last ?? .max, size - 1) + 1
    }
}
