import Foundation
import Processes

/// A connection to a server on this machine, for `Client`, and for requests that no proper client sends.
public final class RawConnection {
    private let number: Int32
    /// The port of a TCP connection, whose responses are recorded; nil for a UNIX socket.
    private let port: Int?
    /// The last request line that was sent; the next response belongs to it.
    private var request: (method: String, target: String)?

    public enum Address: Sendable {
        /// - Parameter host: a numeric address, or a name of this machine.
        case host(_ host: String, _ port: Int)
        case socket(_ path: String)

        public static func port(_ port: Int) -> Address { .host("127.0.0.1", port) }
    }

    public convenience init(port: Int) throws {
        try self.init(to: .port(port))
    }

    public init(to address: Address) throws {
        switch address {
        case .host(let host, let port):
            self.port = port
            number = try Self.connected(host, port)
        case .socket(let path):
            port = nil
            number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            let number = number
            guard withUnixAddress(path, { connect(number, $0, $1) }) == 0 else {
                // Every property has a value here, so `deinit` closes it.
                throw SystemError("connect", path)
            }
        }
        setTimeout(60)
    }

    private static func connected(_ host: String, _ port: Int) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else {
            throw NoAnswer(description: "\(host) has no address")
        }
        defer { freeaddrinfo(found) }
        let number = socket(
            found.pointee.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard connect(number, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
            let error = SystemError("connect", "port \(port)")
            close(number)
            throw error
        }
        return number
    }

    deinit { close(number) }

    /// How long `answer` waits for the next bytes, and `send` for space in the socket's buffer.
    public func setTimeout(_ seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(number, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// False when the server has closed the connection.
    @discardableResult
    public func send(_ text: String, body: [UInt8] = []) -> Bool {
        if let line = text.prefixMatch(of: /([A-Z]+) (\S+) HTTP\/1\.[01]\r\n/) {
            request = (String(line.1), String(line.2))
        }
        // In one call: the kernel would delay a second piece until the first is acknowledged.
        var rest = (Array(text.utf8) + body)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Reads one response, up to its length or to the end of the connection. Throws `NoAnswer` when there is
    /// none.
    public func answer(hasBody: Bool = true) throws -> Answer {
        let answer = try receive(hasBody: hasBody)
        if let request, let port {
            try AnswerRecord.add(answer, to: request.method, request.target, port: port)
        }
        return answer
    }

    private func receive(hasBody: Bool) throws -> Answer {
        var reader = AnswerReader()
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(number, &buffer, buffer.count, 0)
            if count > 0 { reader.append(buffer[..<count]) }
            if let answer = reader.answer(hasBody: hasBody, isWhole: count <= 0) { return answer }
            if count <= 0 {
                throw NoAnswer(
                    description: count == 0 ? "closed" : String(cString: strerror(errno)))
            }
        }
    }

    /// The response that a client with `Expect: 100-continue` waits for.
    public static let continueResponse = "HTTP/1.1 100 Continue\r\n\r\n"

    /// Whether the next bytes are these.
    public func receives(_ text: String) -> Bool {
        var buffer = [UInt8](repeating: 0, count: text.utf8.count)
        let count = recv(number, &buffer, buffer.count, Int32(MSG_WAITALL))
        return count == buffer.count && buffer == Array(text.utf8)
    }

    /// Whether the next bytes are a 100 Continue, which are not consumed.
    public var isNextContinue: Bool {
        var buffer = [UInt8](repeating: 0, count: Self.continueResponse.utf8.count)
        let count = recv(number, &buffer, buffer.count, Int32(MSG_WAITALL) | Int32(MSG_PEEK))
        return count == buffer.count && buffer == Array(Self.continueResponse.utf8)
    }

    /// Waits, and returns whether the server closes the connection without sending a byte.
    public func closesSilently() -> Bool {
        var byte: UInt8 = 0
        return recv(number, &byte, 1, 0) == 0 || errno == ECONNRESET
    }
}

extension RawConnection {
    /// Sends one request on a new connection. Adds only `Host`, `Connection` and, with a body,
    /// `Content-Length`.
    public static func exchange(
        _ address: Address, _ method: String, _ target: String, _ headers: [String] = [],
        host: String = "localhost", body: [UInt8]? = nil
    ) throws -> Answer {
        let connection = try RawConnection(to: address)
        var lines =
            ["\(method) \(target) HTTP/1.1", "Host: \(host)", "Connection: close"] + headers
        if let body { lines.append("Content-Length: \(body.count)") }
        connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n", body: body ?? [])
        return try connection.answer(hasBody: method != "HEAD")
    }

    public static func exchange(
        _ port: Int, _ method: String, _ target: String, _ headers: [String] = [],
        body: String? = nil
    ) throws -> Answer {
        try exchange(.port(port), method, target, headers, body: body.map { Array($0.utf8) })
    }
}
