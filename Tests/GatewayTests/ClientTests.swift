import Foundation
import Processes
import Testing

@testable import Support

@Suite("The tests' own HTTP client")
struct ClientTests {
    @Test(
        "A response is complete as soon as its last byte has arrived",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", ""),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5;x=y\r\nhello\r\na\r\n, 0\r\n\r\nyou\r\n0\r\n\r\n",
                "hello, 0\r\n\r\nyou"
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", ""),
        ])
    func complete(_ text: String, _ body: String) {
        var reader = AnswerReader()
        var answers: [Answer?] = []
        for byte in text.utf8 {
            reader.append([byte])
            answers.append(reader.answer(hasBody: true))
        }
        #expect(answers.last??.text == body)
        #expect(answers.dropLast().allSatisfy { $0 == nil })
        #expect(answers.last??.status != 100)
    }

    @Test("Without a length, a response ends when the connection closes")
    func closed() {
        var reader = AnswerReader()
        reader.append(Array("HTTP/1.1 200 OK\r\n\r\nhel".utf8)[...])
        #expect(reader.answer(hasBody: true) == nil)
        reader.append(Array("lo".utf8)[...])
        #expect(reader.answer(hasBody: true, isWhole: true)?.text == "hello")
    }

    @Test("The response to HEAD has a length and no body")
    func head() {
        var reader = AnswerReader()
        reader.append(Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".utf8)[...])
        #expect(reader.answer(hasBody: false)?.headers["content-length"] == "5")
    }

    @Test("A request has its target unchanged and curl's headers, which given headers replace")
    func request() throws {
        let server = try OneRequest()
        let client = Client(base: "http://127.0.0.1:\(server.port)", token: "t")
        let answer = try client.request(
            "POST", "/a/../%62?q=[1]{2}", headers: ["user-agent: x"], body: .json("{}"))
        #expect(answer.status == 202)
        let lines = try server.received().components(separatedBy: "\r\n")
        #expect(lines.first == "POST /a/../%62?q=[1]{2} HTTP/1.1")
        #expect(
            Set(lines.dropFirst()) == [
                "Host: 127.0.0.1:\(server.port)", "Connection: close", "Accept: */*",
                "user-agent: x", "Authorization: Bearer t", "Content-Type: application/json",
                "Content-Length: 2", "", "{}",
            ])
    }
}

/// Answers the first request with 202.
private final class OneRequest {
    let port: Int
    let received: () throws -> String

    init() throws {
        let port = try FreePort.next()
        self.port = port
        let listener = try FreePort.listener(on: port)
        received = Thread.running {
            let connection = FileDescriptor(owning: accept(listener, nil, nil))
            close(listener)
            let request = try connection.read()
            try connection.write(
                Array("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".utf8))
            return String(decoding: request, as: UTF8.self)
        }
    }
}
