/// One request as a transport hands it over, and the way back for its answer. Everything above this
/// protocol is the same for FastCGI, for CGI and for tests.
protocol Exchange: AnyObject {
    /// A meta-variable of RFC 3875, section 4.1, which tells an empty one from a missing one no more
    /// than this does: both are nil.
    func variable(_ name: String) -> String?

    /// The body's next bytes; 0 at its end. Throws when the peer went away before that.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

    /// Sends the next bytes of the answer, the header first. Throws when the peer has gone.
    func send(_ bytes: [UInt8]) throws

    /// The answer is whole.
    func end() throws
}

/// A request that came over no wire: for tests of responders.
final class MemoryExchange: Exchange {
    private let variables: [String: String]
    private var rest: ArraySlice<UInt8>
    private let chunk: Int
    private(set) var sent: [UInt8] = []

    /// - Parameter chunk: how many bytes one read gives at the most.
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
