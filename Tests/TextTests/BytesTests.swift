import Testing
import Text

/// Swift's Characters and canonical equivalence make neighbours change what a scalar is: whatever other
/// programs read as bytes must not care.
struct BytesTests {
    /// Every scalar there is, but for every second of the Hangul and ideograph blocks' alike.
    static let scalars: [Unicode.Scalar] =
        (0...0x2FFFF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)
        + (0xE0000...0xE01FF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)

    private static func text(_ parts: Unicode.Scalar...) -> String {
        String(String.UnicodeScalarView(parts))
    }

    @Test func noNeighbourKeepsAScalarFromBeingEscaped() {
        for scalar in Self.scalars where scalar != "\"" {
            for text in [Self.text(scalar, "\""), Self.text("\"", scalar)] {
                let escaped = text.escaped { $0 == "\"" ? "-" : nil }
                #expect(!escaped.utf8.contains(UInt8(ascii: "\"")), "U+\(scalar.value)")
                #expect(escaped.utf8.count == text.utf8.count)
            }
        }
    }

    @Test func aCutKeepsToItsBytesWhateverTheText() {
        for scalar in Self.scalars {
            let text = String(repeating: Self.text("a", scalar), count: 8)
            for limit in [0, 1, 2, 5, 6, 7, 16] {
                let cut = text.prefix(bytes: limit)
                #expect(cut.utf8.count <= limit && cut.utf8.count > limit - 4)
                #expect(text.starts(withBytes: cut))
            }
        }
    }

    @Test func nothingButItsBytesIsTheSameAsAText() {
        for scalar in Self.scalars {
            let text = Self.text(scalar)
            for byte in 0x20..<0x7F as Range<UInt32> where scalar.value != byte {
                guard let ascii = Unicode.Scalar(byte), text == Self.text(ascii) else { continue }
                // Three: U+037E is a semicolon, U+1FEF a grave accent, U+212A a K.
                #expect(!text.isSame(as: Self.text(ascii)))
                #expect(!Self.text(scalar, "x").starts(withBytes: Self.text(ascii)))
                #expect(!Self.text("x", scalar).ends(withBytes: Self.text(ascii)))
                #expect(!text.isMade(of: Self.text(ascii)))
            }
        }
        #expect("\u{212A}".asciiLowercased.isSame(as: "\u{212A}"))
        #expect("Image/PNG".asciiLowercased == "image/png")
    }

    @Test func noNeighbourHidesASeparator() {
        for scalar in Self.scalars where scalar != "," {
            #expect(Self.text("a", scalar, ",", scalar, "b").parts(separatedBy: ",").count == 2)
        }
        #expect("a,,b".parts(separatedBy: ",") == ["a", "", "b"])
    }

    @Test func whiteSpaceAtTheEndsGoesAlsoBesideACombiningMark() {
        #expect(" \t a b\u{3000}\n".trimmed == "a b")
        #expect(" \u{301}a".trimmed.isSame(as: "\u{301}a"))
        #expect("  ".trimmed.isEmpty)
    }

    @Test func whatIsNotUTF8IsReadAsLatin1() {
        #expect(String(utf8OrLatin1: [0x63, 0xE9]) == "cé")
        #expect(String(utf8OrLatin1: Array("cé".utf8)) == "cé")
    }
}

struct PrintableTests {
    @Test func aTerminalGetsNoControlWhateverStandsBesideIt() {
        for scalar in BytesTests.scalars {
            let text = String(String.UnicodeScalarView(["\u{600}", "\u{1B}", scalar, "a"]))
                .printable
            #expect(text.unicodeScalars.allSatisfy { !$0.isUnprintable }, "U+\(scalar.value)")
        }
    }

    @Test func controlsLineEndsAndTurnsOfDirectionAreWrittenAsEscapes() {
        #expect("a\u{1B}[2Jb".printable == "a\\u{1b}[2Jb")
        #expect(
            "\u{9B}\n\t\u{2028}\u{202E}\u{7F}".printable
                == "\\u{9b}\\u{a}\\u{9}\\u{2028}\\u{202e}\\u{7f}")
        #expect("Ä 日 👩‍👧 é".printable == "Ä 日 👩‍👧 é")
        #expect("a\nb\tc\r".printable(keeping: "\n\t") == "a\nb\tc\\u{d}")
    }
}
