import CLinux
import Glibc

/// The TCP functions on this machine that a supervisor needs.
public enum LocalPort {
    /// The `errno` with which a server could not listen there now; 0 if it could. `::` includes IPv4.
    public static func obstacle(_ address: String, _ port: Int) -> Int32 {
        let isAll = address == "::"
        return withSocket(address, port) { number, address, length in
            var yes: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, size)
            var no: Int32 = 0
            if isAll { setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &no, size) }
            return bind(number, address, length) == 0 && listen(number, 1) == 0 ? 0 : errno
        } ?? EADDRNOTAVAIL
    }

    /// The status code of a GET, or nil if no server answers within about two seconds.
    public static func status(of path: String, _ address: String, _ port: Int) -> Int? {
        let request = "GET \(path) HTTP/1.0\r\nHost: localhost\r\n\r\n"
        return answer(to: request, address, port, upTo: 64).flatMap {
            Int($0.dropFirst(9).prefix(3))
        }
    }

    /// Sends a request on a new connection. Returns the response until the server closes the connection,
    /// `limit` bytes have arrived, or nothing more arrives for two seconds; nil if nothing arrives.
    ///
    /// - Parameter isCut: a part of the request's body is never sent. The connection's sending side is
    ///   closed, so that the server need not wait for it.
    public static func answer(
        to request: String, body: [UInt8] = [], isCut: Bool = false, _ address: String,
        _ port: Int, upTo limit: Int = 65536
    ) -> String? {
        // A server that listens on all addresses also answers on loopback.
        let address = ["0.0.0.0", "::"].contains(address) ? "127.0.0.1" : address
        let bytes = withSocket(address, port) { number, address, length -> [UInt8] in
            var timeout = timeval(tv_sec: 2, tv_usec: 0)
            let size = socklen_t(MemoryLayout<timeval>.size)
            setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
            setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
            let sent = Array(request.utf8) + body
            guard connect(number, address, length) == 0,
                send(number, sent, sent.count, Int32(MSG_NOSIGNAL)) == sent.count
            else { return [] }
            if isCut { shutdown(number, Int32(SHUT_WR)) }
            var received: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while received.count < limit {
                let count = recv(number, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                received += buffer.prefix(count)
            }
            return received
        }
        guard let bytes, !bytes.isEmpty else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func withSocket<Result>(
        _ address: String, _ port: Int,
        _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, String(port), &hints, &found) == 0, let found else { return nil }
        defer { freeaddrinfo(found) }
        let number = socket(found.pointee.ai_family, found.pointee.ai_socktype, 0)
        guard number >= 0 else { return nil }
        defer { close(number) }
        return body(number, found.pointee.ai_addr, found.pointee.ai_addrlen)
    }
}
