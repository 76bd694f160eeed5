import API
import Glibc
import Processes

/// The body of a request. It is read once, from beginning to end.
///
/// A web server that already has the body in a file may send the file's absolute path in the meta-variable
/// REQUEST_BODY_FILE instead of the body. That saves libfcgi's reads of 8 KB, 600 for an image of 5 MB.
public final class RequestBody {
    /// Bytes, from the header Content-Length; nil when it is missing or not a number.
    public let contentLength: Int64?

    /// Bytes read so far.
    public private(set) var count: Int64 = 0

    private let exchange: any Exchange
    private let isLengthValid: Bool
    /// Path of a file that contains exactly the body, until the request is answered; nil when there is none.
    public let path: String?
    /// Opened at the first read.
    private var file: BodyFile?

    /// The response to a body that ends before its declared length, for a client that still reads.
    static let cutShort = Problem.invalidRequest(
        "The request body ended too early. Send the whole request again.")

    init(_ exchange: any Exchange) {
        self.exchange = exchange
        let declared = exchange.variable("CONTENT_LENGTH")
        // RFC 9110, section 8.6: only digits, without a sign.
        contentLength = declared.flatMap {
            $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64($0) : nil
        }
        isLengthValid = declared == nil || contentLength != nil
        path = exchange.variable("REQUEST_BODY_FILE")
    }

    /// The next bytes, at most `limit`; empty at the end. Throws `Problem.invalidRequest` when the client
    /// disconnected before that.
    public func read(upTo limit: Int = 65536) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = try read(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// The whole body. Throws `Problem.tooLarge` when it has more than `limit` bytes.
    public func readAll(limit: Int) throws -> [UInt8] {
        let tooLarge = Problem.tooLarge(limitBytes: Int64(limit))
        if let contentLength, contentLength > limit { throw tooLarge }
        var all: [UInt8] = []
        while true {
            let bytes = try read(upTo: min(65536, limit + 1 - all.count))
            if bytes.isEmpty { return all }
            all += bytes
            if all.count > limit { throw tooLarge }
        }
    }

    /// Reads the next bytes; returns their number, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard isLengthValid else {
            throw Problem.invalidRequest("Content-Length must be a whole number of bytes.")
        }
        let rest = contentLength.map { $0 - count } ?? .max
        let wanted = Int(min(Int64(buffer.count), rest))
        guard wanted > 0 else { return 0 }
        let space = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        let got = try path.map { try read(from: $0, into: space) } ?? exchange.read(into: space)
        if got == 0 && contentLength != nil { throw Self.cutShort }
        count += Int64(got)
        return got
    }

    private func read(from path: String, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let file = try file ?? BodyFile(path)
        self.file = file
        return try file.descriptor.read(into: buffer)
    }

    private final class BodyFile {
        let descriptor: FileDescriptor

        init(_ path: String) throws {
            descriptor = try FileDescriptor(opening: path, O_RDONLY | O_NOFOLLOW)
        }
    }
}
