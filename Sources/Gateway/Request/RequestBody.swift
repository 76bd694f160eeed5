import API
import Glibc
import Processes

/// A request's body, read once, from its beginning to its end.
///
/// A web server that has it in a file anyway may say so by the meta-variable REQUEST_BODY_FILE, an
/// absolute path, and send none. libfcgi reads 8 KB at a time, 600 reads for a photo of 5 MB.
public final class RequestBody {
    /// As the client declared it, in bytes; nil when it did not.
    public let contentLength: Int64?

    /// Bytes read so far.
    public private(set) var count: Int64 = 0

    private let exchange: any Exchange
    private let isLengthValid: Bool
    /// Of the file that holds all of it and nothing else, until the answer; nil when there is none.
    public let path: String?
    /// Opened when it is first read.
    private var file: BodyFile?

    /// What a body that ends before its declared length is answered, should anyone still listen.
    static let cutShort = Problem.invalidRequest(
        "The request body ended before all of it had come.")

    init(_ exchange: any Exchange) {
        self.exchange = exchange
        let declared = exchange.variable("CONTENT_LENGTH")
        // RFC 9110, section 8.6: digits alone, so no sign either.
        contentLength = declared.flatMap {
            $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64($0) : nil
        }
        isLengthValid = declared == nil || contentLength != nil
        path = exchange.variable("REQUEST_BODY_FILE")
    }

    /// Up to `limit` bytes; empty at the end. Throws `Problem.invalidRequest` when the client went
    /// away before that.
    public func read(upTo limit: Int = 65536) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = try read(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// All of it. Throws `Problem.tooLarge` when that is more than `limit` bytes.
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

    /// 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard isLengthValid else {
            throw Problem.invalidRequest("Content-Length must be a number of bytes.")
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
