import API
import Foundation
import Processes
import Support
import Testing

@testable import Gateway

@Suite("Request body")
struct RequestBodyTests {
    private func body(_ text: String, length: String?, chunk: Int = .max) -> RequestBody {
        RequestBody(
            MemoryExchange(
                variables: ["CONTENT_LENGTH": length ?? ""], body: Array(text.utf8), chunk: chunk))
    }

    @Test("A body is read in pieces and counted; at its end, nothing more is read")
    func pieces() throws {
        let body = body("abcdef", length: "6", chunk: 4)
        #expect(body.contentLength == 6)
        #expect(try body.read() == Array("abcd".utf8))
        #expect(try body.read(upTo: 1) == Array("e".utf8))
        #expect(body.count == 5)
        #expect(try body.read() == Array("f".utf8))
        #expect(try body.read() == [])
        #expect(try body.read() == [])
        #expect(body.count == 6)
    }

    @Test("A body that the web server stored in a file is read there, up to its declared length")
    func inFile() throws {
        let folder = TemporaryFolder()
        let path = folder.file("body")
        try Data("abcdef".utf8).write(to: URL(fileURLWithPath: path))
        func body(_ path: String, length: String) -> RequestBody {
            RequestBody(
                MemoryExchange(variables: ["CONTENT_LENGTH": length, "REQUEST_BODY_FILE": path]))
        }
        let whole = body(path, length: "6")
        #expect(try whole.read(upTo: 4) == Array("abcd".utf8))
        #expect(try whole.read() == Array("ef".utf8))
        #expect(try whole.read() == [])
        #expect(try body(path, length: "2").readAll(limit: 10) == Array("ab".utf8))
        let shorter = #expect(throws: Problem.self) {
            try body(path, length: "7").readAll(limit: 10)
        }
        #expect(shorter?.code == "invalid_request")
        // Not the client's fault, so this is an error to log, not a Problem for the client.
        #expect(throws: SystemError.self) {
            try body(folder.file("none"), length: "6").readAll(limit: 10)
        }
        #expect(symlink(path, folder.file("link")) == 0)
        #expect(throws: SystemError.self) {
            try body(folder.file("link"), length: "6").readAll(limit: 10)
        }
    }

    @Test("Bytes after the declared length are not part of the body")
    func longer() throws {
        #expect(try body("abcdef", length: "2").readAll(limit: 10) == Array("ab".utf8))
    }

    @Test("A body that ends before its declared length is an error, not a shorter body")
    func shorter() throws {
        let body = body("abc", length: "4")
        #expect(try body.read() == Array("abc".utf8))
        let problem = #expect(throws: Problem.self) { try body.read() }
        #expect(problem?.code == "invalid_request")
    }

    @Test("Without a declared length, the body ends where the input ends")
    func undeclared() throws {
        let body = body("abc", length: nil)
        #expect(body.contentLength == nil)
        #expect(try body.readAll(limit: 3) == Array("abc".utf8))
    }

    @Test(
        "A length that is not a number of bytes is refused",
        arguments: ["-1", "+1", "1 ", "0x10", "1e3", "9223372036854775808", "one"])
    func badLength(length: String) {
        let body = body("abc", length: length)
        #expect(body.contentLength == nil)
        let problem = #expect(throws: Problem.self) { try body.read() }
        #expect(problem?.status == 400)
    }

    @Test("The limit is checked before reading if a length is declared, otherwise while reading")
    func limits() {
        let declared = body("abcd", length: "4")
        let problem = #expect(throws: Problem.self) { try declared.readAll(limit: 3) }
        #expect(problem?.code == "too_large")
        #expect(problem?.members["limitBytes"] as? Int64 == 3)
        #expect(declared.count == 0)
        #expect(throws: Problem.self) { try body("abcd", length: nil).readAll(limit: 3) }
    }
}
