import Foundation
import Processes

/// A TCP connection to this machine, for requests that no proper client sends.
public final class RawConnection {
    private let number: Int32
    private let port: Int
    /// The last request line that was sent whole: what is answered next.
    private var request: (method: String, target: String)?

    public init(port: Int) throws {
        self.port = port
        number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = number
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, length) == 0
            }
        }
        guard connected else {
            let error = SystemError("connect", "port \(port)")
            close(number)
            throw error
        }
        setPatience(60)
    }

    deinit { close(number) }

    /// How long `answer` waits for the next bytes.
    public func setPatience(_ seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(
            number, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// False when the other side has gone.
    @discardableResult
    public func send(_ text: String) -> Bool {
        if let line = text.prefixMatch(of: /([A-Z]+) (\S+) HTTP\/1\.[01]\r\n/) {
            request = (String(line.1), String(line.2))
        }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// One answer, read to its `Content-Length` or to the end. Throws `NoAnswer` when nothing came.
    public func answer(hasBody: Bool = true) throws -> Answer {
        let answer = try receive(hasBody: hasBody)
        if let request {
            try AnswerRecord.add(answer, to: request.method, request.target, port: port)
        }
        return answer
    }

    private func receive(hasBody: Bool) throws -> Answer {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            if let answer = Self.parse(bytes, hasBody: hasBody) { return answer }
            let count = recv(number, &buffer, buffer.count, 0)
            if count > 0 {
                bytes += buffer[..<count]
                continue
            }
            if let answer = Self.parse(bytes, hasBody: hasBody, isWhole: true) { return answer }
            throw NoAnswer(
                description: count == 0 ? "closed" : String(cString: strerror(errno)))
        }
    }

    /// The go-ahead that `Expect: 100-continue` waits for.
    public static let goOn = "HTTP/1.1 100 Continue\r\n\r\n"

    /// Whether the next bytes are these.
    public func receives(_ text: String) -> Bool {
        var buffer = [UInt8](repeating: 0, count: text.utf8.count)
        let count = recv(number, &buffer, buffer.count, Int32(MSG_WAITALL))
        return count == buffer.count && buffer == Array(text.utf8)
    }

    /// Whether the server closes, sooner or later, without a byte.
    public func closesSilently() -> Bool {
        var byte: UInt8 = 0
        return recv(number, &byte, 1, 0) == 0 || errno == ECONNRESET
    }

    /// Nil while something is missing.
    private static func parse(_ bytes: [UInt8], hasBody: Bool, isWhole: Bool = false) -> Answer? {
        let end = Array("\r\n\r\n".utf8)
        guard let split = bytes.firstRange(of: end) else { return nil }
        let head = String(decoding: bytes[..<split.lowerBound], as: UTF8.self)
        let answer = Answer(head: head, body: Array(bytes[split.upperBound...]))
        if answer.status == 100 {
            return parse(Array(bytes[split.upperBound...]), hasBody: hasBody, isWhole: isWhole)
        }
        let length = answer.headers["content-length"].flatMap { Int($0) }
        let bodyless = !hasBody || [204, 304].contains(answer.status)
        return isWhole || bodyless || length.map { answer.body.count >= $0 } == true ? answer : nil
    }
}

extension RawConnection {
    /// One request on a connection of its own. Quicker than `Client`, and nothing is added or mended.
    public static func exchange(
        _ port: Int, _ method: String, _ target: String, _ headers: [String] = [],
        body: String? = nil
    ) throws -> Answer {
        let connection = try RawConnection(port: port)
        var lines =
            ["\(method) \(target) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
        return try connection.answer(hasBody: method != "HEAD")
    }
}
