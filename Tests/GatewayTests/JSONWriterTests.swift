import Foundation
import Support
import Testing
import Text

@testable import Gateway

@Suite("JSON writer") struct JSONWriterTests {
    @Test("Objects, arrays, strings, numbers and null are written as JSON")
    func readsBack() throws {
        let response = Response.json(200) { json in
            json.member("text", "Am See")
            json.member("none", nil as String?)
            json.member("count", 42)
            json.member("nothing", nil as Int?)
            json.member("list") { json in
                json.array([1, 2]) { json, number in json.object { $0.member("n", number) } }
            }
            json.member("empty") { $0.array([] as [Int]) { _, _ in } }
            json.member("table") { json in
                json.object { json in
                    json.member(named: "a\"b", "1")
                    json.member(named: "c", "2")
                }
            }
            json.member("bare") { $0.object { _ in } }
            json.member("last", "here")
        }
        guard case .bytes(let bytes) = response.body else { return }
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"text":"Am See","none":null,"count":42,"nothing":null,"list":[{"n":1},{"n":2}],"#
                + #""empty":[],"table":{"a\"b":"1","c":"2"},"bare":{},"last":"here"}"#)
        #expect(response.headers.map(\.name) == ["Content-Type", "Cache-Control"])
    }

    @Test("Any text can be written and read back")
    func escapes() throws {
        let all = String(String.UnicodeScalarView((0..<0x300).compactMap(Unicode.Scalar.init)))
        // The writer checks eight bytes at a time: an escape at each position, and in the remaining bytes.
        let placed = (0..<20).flatMap { place in
            ["\"", "\\", "\u{1F}"].map { mark in
                String(repeating: "é", count: place / 2) + String(repeating: "a", count: place % 2)
                    + mark + String(repeating: "z", count: 19 - place)
            }
        }
        // And text that is longer than the writer's initial buffer.
        let long = String(repeating: "lang\"é", count: 3000)
        for text in placed + [
            long,
            all, "", "\"", "\\", "\n\r\t", "a\u{0}b", "日本 🏔 é", "</script>", "\u{2028}",
        ] {
            var json = JSONWriter()
            json.object { $0.member("text", text) }
            let read = try JSONDecoder().decode([String: String].self, from: Data(json.bytes))
            #expect(read["text"] == text)

            var fromBytes = JSONWriter()
            fromBytes.object { object in
                Array(text.utf8).withUnsafeBufferPointer { object.member("text", utf8: $0) }
            }
            #expect(fromBytes.bytes == json.bytes)
        }
    }
}
