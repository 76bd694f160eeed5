import API
import Testing

@testable import Gateway

@Suite("JSON bodies")
struct RequestJSONTests {
    private struct Asked: Decodable, Equatable {
        struct Inner: Decodable, Equatable { let size: Int }

        let name: String
        var count: Int?
        var ratio: Double?
        var flag: Bool?
        var tags: [String]?
        var inner: Inner?
    }

    private func asked(_ body: [UInt8], limit: Int = 65536) throws -> Asked {
        try Request("POST", "/", body: body).json(Asked.self, limit: limit)
    }

    /// The error sentence for `body`, which must be refused.
    private func refusal(_ body: [UInt8]) -> String? {
        let problem = #expect(throws: Problem.self) { try asked(body) }
        #expect(problem?.status == 400)
        #expect(problem?.code == "invalid_request")
        return problem?.sentence
    }

    @Test("An object is decoded, and unknown members are ignored")
    func object() throws {
        let body = #" {"name": "Zoë \u00e9 \\u0000", "count": 3, "other": [1, {}]} "#
        #expect(try asked(Array(body.utf8)) == Asked(name: #"Zoë é \u0000"#, count: 3))
    }

    @Test(
        "The error names the field and what it must be",
        arguments: [
            (#"{}"#, "The field 'name' is missing."),
            (#"{"name": 1}"#, "The field 'name' must be a string."),
            (#"{"name": null}"#, "The field 'name' must be a string."),
            (#"{"name": "", "count": "1"}"#, "The field 'count' must be a whole number."),
            (#"{"name": "", "count": true}"#, "The field 'count' must be a whole number."),
            (#"{"name": "", "ratio": []}"#, "The field 'ratio' must be a number."),
            (#"{"name": "", "flag": 1}"#, "The field 'flag' must be true or false."),
            (#"{"name": "", "tags": "a"}"#, "The field 'tags' must be an array."),
            (#"{"name": "", "tags": ["a", 2]}"#, "The field 'tags[1]' must be a string."),
            (#"{"name": "", "inner": 1}"#, "The field 'inner' must be an object."),
            (#"{"name": "", "inner": {}}"#, "The field 'inner.size' is missing."),
            (
                #"{"name": "", "count": 1.5}"#,
                "A number or a string in the JSON is malformed, or out of range."
            ),
            (
                #"{"name": "", "count": 99999999999999999999}"#,
                "A number or a string in the JSON is malformed, or out of range."
            ),
        ])
    func members(body: String, sentence: String) {
        #expect(refusal(Array(body.utf8)) == sentence)
    }

    @Test(
        "Anything other than a JSON object is refused",
        arguments: [
            "", " ", "null", "1", "\"text\"", "[]", "{", "}", "{]", "{\"name\": \"a\"", "name=a",
            "{\"name\": \"a\"} trailing", "{\"name\": \"a\"}{}", "{'name': 'a'}",
            "{\"name\": \"a\" // comment\n}", "{\"name\": NaN}", "{\"name\": \"\\ud800\"}",
            "{\"name\": \"a\nb\"}", "<xml/>",
        ])
    func broken(body: String) {
        #expect(refusal(Array(body.utf8))?.contains("JSON") == true)
    }

    @Test("Text with a NUL is refused, both as an escape and as a byte")
    func nul() throws {
        #expect(refusal(Array(#"{"name": "a\u0000b"}"#.utf8))?.contains("NUL") == true)
        #expect(refusal(Array(#"{"name": "\\\u0000"}"#.utf8))?.contains("NUL") == true)
        // Unknown members are ignored.
        let more = #"{"name": "a", "count": 1, "x\u0000": "\u0000", "y": ["\u0000"]}"#
        #expect(try asked(Array(more.utf8)) == Asked(name: "a", count: 1))
        _ = refusal(Array("{\"name\": \"a\u{0}b\"}".utf8))
    }

    @Test("Only JSON in UTF-8 is accepted")
    func encodings() {
        _ = refusal(Array("{\"name\": \"".utf8) + [0xC3, 0x28] + Array("\"}".utf8))
        _ = refusal(
            Array("{\"name\": \"a\"}".utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        _ = refusal(
            [0xFE, 0xFF]
                + Array("{\"name\": \"a\"}".utf16).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
    }

    @Test("Nesting that would exhaust the stack is refused", arguments: ["[", "{\"a\":"])
    func deep(opening: String) {
        let count = 60_000 / opening.utf8.count
        _ = refusal(Array(("{\"name\": " + String(repeating: opening, count: count)).utf8))
    }

    @Test("A body over the limit is refused as too large, and the response has the limit")
    func limit() {
        let problem = #expect(throws: Problem.self) {
            try asked(Array(#"{"name": "abc"}"#.utf8), limit: 10)
        }
        #expect(problem?.status == 413)
        #expect(problem?.members["limitBytes"] as? Int64 == 10)
    }

    @Test("Where an empty body is allowed, a malformed one is still refused")
    func optional() throws {
        #expect(try Request("POST", "/").optionalJSON(Asked.self) == nil)
        #expect(throws: Problem.self) {
            try Request("POST", "/", body: Array("x".utf8)).optionalJSON(Asked.self)
        }
    }
}
