import Foundation
import Support
import Testing
import Text

@testable import Processes

@Suite struct LogRecordTests {
    @Test("Control characters cannot forge a log line")
    func logInjection() {
        #expect(
            "a\r\nb\u{1B}[2J\u{85}\u{2028}c\0".printable
                == #"a\u{d}\u{a}b\u{1b}[2J\u{85}\u{2028}c\u{0}"#)
        #expect("plain Zoë 🎈".printable == "plain Zoë 🎈")
    }

    private let fields: [(name: String, value: LogRecord.Value)] = [
        ("requestId", .text("id")), ("status", .integer(200)), ("seconds", .number(0.25)),
        ("path", .text("/a\"b\\c\n\u{2028}\u{1F388}")),
    ]

    @Test("In JSON, a log line is one object with all fields, regardless of their content")
    func json() throws {
        let line = String(
            decoding: LogRecord.json("info", "p", "said \"so\"\r\n\u{85}", fields), as: UTF8.self)
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x85 })
        let object = try JSONDecoder().decode(JSON.self, from: Data(line.utf8))
        #expect(object["message"]?.string == "said \"so\"\r\n\u{85}")
        #expect(object["path"]?.string == "/a\"b\\c\n\u{2028}\u{1F388}")
        #expect(object["status"]?.int == 200)
        #expect(object["seconds"] == .number(0.25))
        #expect(
            object.names == [
                "time", "level", "program", "message", "requestId", "status", "seconds", "path",
            ])
        #expect(
            object["time"]?.string?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }

    @Test("In text, a log line has the request id and the message")
    func text() {
        let line = LogRecord.text("info", "p", "a message", fields)
        #expect(line.hasSuffix(" info p: id a message"))
    }
}
