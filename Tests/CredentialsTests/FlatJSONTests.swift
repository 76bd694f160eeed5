import Support
import Testing

@testable import Credentials

@Suite struct FlatJSONTests {
    @Test("Any text can be written and read back")
    func roundTrip() throws {
        let text = "\"quoted\" back\\slash \u{1}\n\u{7F} ü 🦊 </script>"
        let written = FlatJSON.write(["a": .text(text), "b": .number(0), "": .text("")])
        let read = try #require(FlatJSON(written))
        #expect(read.text("a") == text)
        #expect(read.number("b") == 0)
        #expect(read.text("") == "")
        #expect(read.members.count == 3)
    }

    @Test("A member is found only under its own type")
    func types() throws {
        let read = try #require(FlatJSON(bytes(#" { "a" : "1" , "b" : 9007199254740991 } "#)))
        #expect(read.number("a") == nil)
        #expect(read.text("b") == nil)
        #expect(read.number("b") == (1 << 53) - 1)
        #expect(FlatJSON(bytes("{}"))?.members.isEmpty == true)
    }

    @Test(
        "Anything other than a flat object of strings and whole numbers is refused",
        arguments: [
            "", " ", "{", "}", "[]", "null", "1", #""a""#, "{a:1}", #"{"a"}"#, #"{"a":}"#,
            #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1"b":2}"#, #"{"a":1}}"#, #"{"a":1} x"#,
            #"{"a":1}{}"#,
            #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"a":"x"}"#, #"{"a":null}"#, #"{"a":true}"#,
            #"{"a":[]}"#, #"{"a":{}}"#, #"{"a":-1}"#, #"{"a":1.0}"#, #"{"a":1e3}"#, #"{"a":01}"#,
            #"{"a":+1}"#, #"{"a":9007199254740992}"#, #"{"a":99999999999999999999}"#, #"{"a":"x}"#,
            #"{"a":"\"#, #"{"a":"\x"}"#, #"{"a":"\u00e9"}"#, #"{"\u0061":1}"#, #"{"a":"\u00"}"#,
            #"{"a":"\u+001"}"#, "{\"a\":\"\n\"}", "{\"a\":\"\0\"}", "\u{FEFF}{}",
        ])
    func refused(text: String) {
        #expect(FlatJSON(bytes(text)) == nil)
    }

    @Test("Bytes that are not UTF-8 are refused")
    func encoding() {
        #expect(FlatJSON(bytes(#"{"a":""#) + [0xC3, 0x28] + bytes(#""}"#)) == nil)
        #expect(FlatJSON(bytes(#"{"a":""#) + [0xED, 0xA0, 0x80] + bytes(#""}"#)) == nil)
    }
}
