import Glibc
import Processes

/// The one request of a CGI process (RFC 3875): variables in the environment, the body on standard
/// input, the answer on standard output.
final class CGIExchange: Exchange {
    private let input = FileDescriptor(owning: STDIN_FILENO)
    private let output = FileDescriptor(owning: STDOUT_FILENO)

    static var isServing: Bool { getenv("GATEWAY_INTERFACE") != nil }

    func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        // Section 4.1.2: a request with a body has CONTENT_LENGTH. Without one, standard input may
        // be anything, and open for ever.
        guard variable("CONTENT_LENGTH") != nil else { return 0 }
        let bytes = try input.read(upTo: buffer.count)
        buffer.copyBytes(from: bytes)
        return bytes.count
    }

    func send(_ answer: [UInt8]) throws {
        try output.write(answer)
    }
}
