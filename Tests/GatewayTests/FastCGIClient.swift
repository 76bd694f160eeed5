import Foundation
import Processes
import Support

/// A client's end of a UNIX socket.
final class Connection {
    private var number: Int32

    init(_ path: String) throws {
        number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard let code = withUnixAddress(path, { connect(number, $0, $1) }), code == 0 else {
            throw SystemError("connect", path)
        }
    }

    deinit { close() }

    /// The whole response to a GET request, as text.
    static func answer(_ path: String, to uri: String) throws -> String {
        let request = try Connection(path)
        request.send(FastCGI.request(["REQUEST_METHOD": "GET", "DOCUMENT_URI": uri]))
        return request.rest()
    }

    func send(_ bytes: [UInt8]) { _ = Foundation.send(number, bytes, bytes.count, 0) }

    /// Everything received until the other side closes the connection, as text.
    func rest() -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let got = recv(number, &buffer, buffer.count, 0), got > 0 {
            all += buffer.prefix(got)
        }
        return String(decoding: all, as: UTF8.self)
    }

    func close() {
        if number >= 0 { Foundation.close(number) }
        number = -1
    }
}

/// The part of FastCGI 1.0, section 3, that a short request without a body needs.
enum FastCGI {
    static func request(_ variables: [String: String]) -> [UInt8] {
        let pairs = variables.flatMap { name, value in
            [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
        }
        return record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + record(4, pairs) + record(4, [])
            + record(5, [])
    }

    private static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 0xFF), 0, 0] + content
    }
}
