/// A request as a transport delivers it, and the connection for its response. All code above this protocol
/// is the same for FastCGI, CGI and tests.
protocol Exchange: AnyObject {
    /// A meta-variable of RFC 3875, section 4.1. Nil for a missing one and for an empty one, between which
    /// the RFC makes no difference.
    func variable(_ name: String) -> String?

    /// Reads the body's next bytes; 0 at its end. Throws when the peer closed the connection before that.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

    /// Sends the next bytes of the response, the header first. Throws when the peer closed the connection.
    func send(_ bytes: [UInt8]) throws

    /// Called after the last byte of the response.
    func end() throws
}

/// A request in memory, for tests of responders.
final class MemoryExchange: Exchange {
    private let variables: [String: String]
    private var rest: ArraySlice<UInt8>
    private let chunk: Int
    private(set) var sent: [UInt8] = []

    /// - Parameter chunk: the most bytes that one read returns.
    init(variables: [String: String], body: [UInt8] = [], chunk: Int = .max) {
        self.variables = variables
        self.rest = body[...]
        self.chunk = chunk
    }

    func variable(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let next = rest.prefix(min(buffer.count, chunk))
        buffer.copyBytes(from: next)
        rest = rest.dropFirst(next.count)
        return next.count
    }

    func send(_ bytes: [UInt8]) { sent += bytes }

    func end() {}
}
