import Testing
import Text

@Suite struct JSONScannerTests {
    @Test(
        "Valid JSON is accepted",
        arguments: [
            "{}", "[]", " \t\r\n{ \"a\" : [ 1 , -0 , 0.5e+10 , 1E-2 ] } ", #""""#, "0", "-1.5",
            "true", "false", "null", #"{"a":{"a":null},"a":2}"#, #"["\"\\\/\b\f\n\r\t\u00e9"]"#,
            #""\uD83E\uDD8A""#, #""\ufFfF""#, "\"ü🦊\u{7F}\"",
        ])
    func valid(text: String) {
        #expect(JSONScanner.isValid(Array(text.utf8)))
    }

    @Test(
        "Text that is not JSON is refused",
        arguments: [
            "", " ", "{", "}", "[", "{]", "[1,]", #"{"a":1,}"#, "{,}", "[,1]", #"{"a"}"#,
            #"{"a":}"#,
            "{a:1}", "{'a':1}", "{1:1}", "[1 2]", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1",
            "NaN", "Infinity", "nul", "nulll", "True", "{} {}", "[]]", "[] /* x */", "\"", "\"\n\"",
            "\"\t\"", "\"\0\"", #""\x""#, #""\u12""#, #""\u12g4""#, #""\u+123""#, #""\u-000""#,
            #""\ud800""#,
            #""\ud800x""#, #""\ud800\n""#, #""\ud800\ud800""#, #""\udc00""#, "\"a", "\u{FEFF}{}",
        ])
    func invalid(text: String) {
        #expect(!JSONScanner.isValid(Array(text.utf8)))
    }

    @Test(
        "The first error is at the first byte that is not valid, or at the end of the text",
        arguments: [
            ("", 0), (" ", 1), ("x", 0), (#"{"a": x}"#, 6), (#"{"a": 1,}"#, 8), ("[1 2]", 3),
            (#"{"a""#, 4), ("{a: 1}", 1), ("[1,\n  01]", 7), ("[tru]", 1), ("{} {}", 3),
            (#"["ab"#, 4), ("[\"a\nb\"]", 3), (#"["a\x"]"#, 3), (#"["\ud800"]"#, 2), ("[1.]", 3),
            ("[[", 2),
        ])
    func firstError(text: String, offset: Int) {
        #expect(JSONScanner.firstError(in: Array(text.utf8)) == offset)
    }

    @Test("Valid JSON has no first error, and JSON that is nested too deeply has one")
    func firstErrorOfDepth() {
        #expect(JSONScanner.firstError(in: Array(" [[1]] ".utf8), depth: 2) == nil)
        #expect(JSONScanner.firstError(in: Array(" [[1]] ".utf8), depth: 1) == 2)
    }

    @Test("64 nested levels are accepted, and a million are refused without a crash")
    func depth() {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: UInt8(ascii: "["), count: depth)
                + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
        }
        #expect(JSONScanner.isValid(nested(64)))
        #expect(!JSONScanner.isValid(nested(65)))
        #expect(!JSONScanner.isValid(nested(1_000_000)))
    }
}
