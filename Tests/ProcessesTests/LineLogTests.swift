import Testing

@testable import Processes

@Suite struct LineLogTests {
    @Test("Control characters cannot forge a line of the log")
    func logInjection() {
        #expect(
            withoutControls("a\r\nb\u{1B}[2J\u{85}\u{2028}c\0")
                == #"a\u{d}\u{a}b\u{1b}[2J\u{85}\u{2028}c\u{0}"#)
        #expect(withoutControls("plain Zoë 🎈") == "plain Zoë 🎈")
    }
}
