import Glibc
import Processes

/// The one request of a CGI process (RFC 3875): variables in the environment, the body on standard
/// input, the response on standard output.
final class CGIExchange: Exchange {
    private let input = FileDescriptor(owning: STDIN_FILENO)
    private let output = FileDescriptor(owning: STDOUT_FILENO)
    private let sendTimeout: Duration
    private var deadline: SendDeadline?

    init(sendTimeout: Duration) {
        self.sendTimeout = sendTimeout
    }

    /// Bytes of the body not yet read. A request with a body has CONTENT_LENGTH (section 4.1.2). After that
    /// many bytes, standard input may contain anything and may never end.
    private lazy var rest = variable("CONTENT_LENGTH").flatMap { Int($0) }.map { max(0, $0) } ?? 0

    static var isServing: Bool { getenv("GATEWAY_INTERFACE") != nil }

    func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let bytes = try input.read(upTo: min(buffer.count, rest))
        buffer.copyBytes(from: bytes)
        rest -= bytes.count
        return bytes.count
    }

    func send(_ bytes: [UInt8]) throws {
        // fcgiwrap writes the whole body before it reads the response, and answers 502 if that fails. So
        // the rest of the body is read first.
        while rest > 0, case let unread = try input.read(upTo: min(65536, rest)), !unread.isEmpty {
            rest -= unread.count
        }
        var deadline = self.deadline ?? SendDeadline(timeout: sendTimeout)
        defer { self.deadline = deadline }
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.piece))
                guard try output.isWritable(within: deadline.remaining) else {
                    throw SystemError("write", "standard output", code: ETIMEDOUT)
                }
                try output.write(piece)
                deadline.count(piece.count)
                rest = rest.dropFirst(piece.count)
            }
        }
    }

    /// Bytes that a writable pipe accepts without blocking (pipe(7), PIPE_BUF).
    private static let piece = 4096

    func end() {}
}
