import Foundation
import Processes
import Support
import Testing

/// Clients that send a request and do not read the response.
@Suite("Responses that the client does not read")
struct UnreadAnswerTests {
    @Test("40 clients that read nothing hold no thread after the timeout, and others are answered")
    func fastCGI() throws {
        let stack = try EchoStack(wrapper: ["env", "ECHO_SEND_TIMEOUT=1"])
        // nginx itself waits a minute for a client, and there are 32 threads. A socket buffers 200 KB.
        let clients = try (0..<40).map { _ in
            try SilentClient(stack.folder.file("waiting.sock"), "/large?bytes=1000000")
        }
        #expect(try stack.get("/hello").status == 200)
        let given = "the client did not read all of it"
        #expect(eventually { stack.log.components(separatedBy: given).count > 40 })
        #expect(try stack.get("/hello").status == 200)
        withExtendedLifetime(clients) {}
    }

    @Test("A client that reads slowly but steadily gets the whole response")
    func slow() throws {
        let stack = try EchoStack(wrapper: ["env", "ECHO_SEND_TIMEOUT=1"])
        let answer = try stack.curl(
            "/large?bytes=20000000", by: .waiting, ["--limit-rate", "8M"])
        #expect(answer.status == 200)
        #expect(answer["large"].string?.utf8.count == 20_000_000)
        #expect(eventually { stack.log.contains("GET /large") })
        let time = stack.log.firstMatch(of: /GET \/large 200 ([0-9.]+) ms/)?.1
        #expect(time.flatMap { Double($0) } ?? 0 > 1000, "the responder waited for the client")
    }

    @Test("A CGI program exits even if its output is not read")
    func cgi() throws {
        let pipe = try PipeEnds()
        let program = try ChildProcess(
            Programs.path("echo-responder"), [],
            environment: [
                "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                "REQUEST_URI": "/large?bytes=5000000", "QUERY_STRING": "bytes=5000000",
                "PATH": "/usr/bin:/bin", "ECHO_SEND_TIMEOUT": "1",
            ], descriptors: [1: pipe.writing.number])
        #expect(eventually { program.hasEnded })
        if !program.hasEnded { program.send(SIGKILL) }
    }
}

/// Sends a request and reads nothing.
private final class SilentClient {
    private let number: Int32

    init(_ path: String, _ target: String) throws {
        number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let number = number
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, length) == 0
            }
        }
        guard connected else { throw SystemError("connect", path) }
        let request = Array("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        guard send(number, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw SystemError("send", path)
        }
    }

    deinit {
        close(number)
    }
}
