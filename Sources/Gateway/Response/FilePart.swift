import Glibc
import Processes

/// Bytes of a file. It stays open until they are sent, so it may be renamed or deleted meanwhile.
public final class FilePart: Sendable {
    private let file: FileDescriptor
    private let range: Range<Int64>

    init(_ file: consuming FileDescriptor, _ range: Range<Int64>) {
        self.file = file
        self.range = range
    }

    var count: Int { range.count }

    /// Passes the bytes to `take` in pieces of 64 KiB. Throws when the file has become shorter meanwhile, and
    /// what `take` throws.
    func read(_ take: ([UInt8]) throws -> Void) throws {
        var position = range.lowerBound
        while position < range.upperBound {
            let wanted = Int(min(65536, range.upperBound - position))
            let bytes = try file.read(upTo: wanted, at: position)
            guard !bytes.isEmpty else { throw SystemError("read", "a file's end", code: EIO) }
            position += Int64(bytes.count)
            try take(bytes)
        }
    }
}
