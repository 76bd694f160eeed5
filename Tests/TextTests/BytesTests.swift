import Testing
import Text

/// With Swift's Characters and canonical equivalence, neighbours change how a scalar compares. Text that
/// other programs read as bytes must not depend on that.
struct BytesTests {
    /// All scalars of the planes that have assigned characters.
    static let scalars: [Unicode.Scalar] =
        (0...0x2FFFF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)
        + (0xE0000...0xE01FF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)

    private static func text(_ parts: Unicode.Scalar...) -> String {
        String(String.UnicodeScalarView(parts))
    }

    /// The scalars for which `holds` is false, in hexadecimal. `#expect` for each would take minutes.
    static func exceptions(to holds: (Unicode.Scalar) -> Bool) -> [String] {
        scalars.filter { !holds($0) }.map { String($0.value, radix: 16) }
    }

    @Test("A quotation mark is escaped next to any other scalar")
    func noNeighbourKeepsAScalarFromBeingEscaped() {
        let found = Self.exceptions { scalar in
            let escaped = Self.text(scalar, "\"", scalar, "\"").escaped { $0 == "\"" ? "-" : nil }
            return scalar == "\"" || !escaped.utf8.contains(UInt8(ascii: "\""))
        }
        #expect(found.isEmpty)
    }

    @Test("A prefix of any text has at most the given number of bytes")
    func prefixHasAtMostItsBytes() {
        let found = Self.exceptions { scalar in
            let text = Self.text("a", scalar, "a", scalar)
            return [0, 1, 2, 5, 6].allSatisfy { limit in
                let cut = text.prefix(bytes: limit)
                return cut.utf8.count <= limit && text.starts(withBytes: cut)
                    && cut.utf8.count > min(limit, text.utf8.count) - 4
            }
        }
        #expect(found.isEmpty)
    }

    @Test("Texts are the same only if their bytes are")
    func textsAreComparedByBytes() {
        // Swift's own comparison takes these for a semicolon, a grave accent and a K.
        for (text, ascii) in [("\u{37E}", ";"), ("\u{1FEF}", "`"), ("\u{212A}", "K")] {
            #expect(text == ascii)
            #expect(!text.isSame(as: ascii) && !text.isMade(of: ascii))
            #expect(!(text + "x").starts(withBytes: ascii) && !("x" + text).ends(withBytes: ascii))
        }
        #expect("\u{212A}".asciiLowercased.isSame(as: "\u{212A}"))
        #expect("Image/PNG".asciiLowercased == "image/png")
        #expect("a\u{301}".starts(withBytes: "a") && "\u{600}.jpg".ends(withBytes: ".jpg"))
    }

    @Test("A separator is found next to any other scalar")
    func noNeighbourHidesASeparator() {
        let found = Self.exceptions { scalar in
            let parts = Self.text("a", scalar, ",", scalar, "b").parts(separatedBy: ",")
            return scalar == "," || parts.count == 2
        }
        #expect(found.isEmpty)
        #expect("a,,b".parts(separatedBy: ",") == ["a", "", "b"])
    }

    @Test("White space at both ends is trimmed, even next to a combining mark")
    func whiteSpaceAtTheEndsGoesAlsoBesideACombiningMark() {
        #expect(" \t a b\u{3000}\n".trimmed == "a b")
        #expect(" \u{301}a".trimmed.isSame(as: "\u{301}a"))
        #expect("  ".trimmed.isEmpty)
    }

    @Test("Bytes that are not UTF-8 are read as Latin-1")
    func whatIsNotUTF8IsReadAsLatin1() {
        #expect(String(utf8OrLatin1: [0x63, 0xE9]) == "cé")
        #expect(String(utf8OrLatin1: Array("cé".utf8)) == "cé")
    }
}

struct PrintableTests {
    @Test("No control character is printed next to any other scalar")
    func noControlCharacterIsPrinted() {
        for scalar in BytesTests.scalars {
            let text = String(String.UnicodeScalarView(["\u{600}", "\u{1B}", scalar, "a"]))
                .printable
            #expect(text.unicodeScalars.allSatisfy { !$0.isUnprintable }, "U+\(scalar.value)")
        }
    }

    @Test("Control characters, line ends and direction marks are printed as escapes")
    func controlsLineEndsAndTurnsOfDirectionAreWrittenAsEscapes() {
        #expect("a\u{1B}[2Jb".printable == "a\\u{1b}[2Jb")
        #expect(
            "\u{9B}\n\t\u{2028}\u{202E}\u{7F}".printable
                == "\\u{9b}\\u{a}\\u{9}\\u{2028}\\u{202e}\\u{7f}")
        #expect("Ä 日 👩‍👧 é".printable == "Ä 日 👩‍👧 é")
        #expect("a\nb\tc\r".printable(keeping: "\n\t") == "a\nb\tc\\u{d}")
    }

    @Test("Text is cut to a number of bytes, between two scalars")
    func cut() {
        #expect("abc".prefix(bytes: 3) == "abc")
        #expect("abcd".prefix(bytes: 3) == "abc")
        #expect("ab\u{E9}".prefix(bytes: 3) == "ab")
        #expect("a\u{1F98A}b".prefix(bytes: 4) == "a")
        #expect("a\u{1F98A}b".prefix(bytes: 5) == "a\u{1F98A}")
        // One Character may have any length.
        let marks = "e" + String(repeating: "\u{301}", count: 1000)
        #expect(marks.count == 1)
        #expect(marks.prefix(bytes: 200).utf8.count == 199)
    }
}
