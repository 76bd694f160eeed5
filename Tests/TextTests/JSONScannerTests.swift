import Testing
import Text

@Suite struct JSONScannerTests {
    @Test(
        "JSON is JSON",
        arguments: [
            "{}", "[]", " \t\r\n{ \"a\" : [ 1 , -0 , 0.5e+10 , 1E-2 ] } ", #""""#, "0", "-1.5",
            "true", "false", "null", #"{"a":{"a":null},"a":2}"#, #"["\"\\\/\b\f\n\r\t\u00e9"]"#,
            #""\uD83E\uDD8A""#, #""\ufFfF""#, "\"ü🦊\u{7F}\"",
        ])
    func valid(text: String) {
        #expect(JSONScanner.isValid(Array(text.utf8)))
    }

    @Test(
        "Anything else is not",
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

    @Test("64 things in one another are enough, a million more end no process")
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
