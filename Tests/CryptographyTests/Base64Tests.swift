import Support
import Testing

@testable import Cryptography

@Suite struct Base64Tests {
    @Test("Bytes of every length decode to themselves")
    func roundTrip() {
        for count in 0...67 {
            let original = SecureRandom.bytes(count)
            #expect(Base64URL.decode(Base64URL.encode(original)) == original)
            #expect(Base64.standard.decode(Base64.standard.encode(original)) == original)
        }
    }

    @Test(
        "The examples of RFC 4648, section 10, encode as printed there, without padding",
        arguments: [
            ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ])
    func examples(text: String, encoded: String) {
        #expect(Base64URL.encode(bytes(text)) == encoded)
    }

    @Test("The two Base64 alphabets differ in their last two characters")
    func alphabets() {
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
        #expect(Base64.standard.encode([0xFB, 0xFF]) == "+/8")
        #expect(Base64URL.decode("+/8") == nil)
        #expect(Base64.standard.decode("-_8") == nil)
    }

    @Test(
        "Base64 that `encode` would not write is refused",
        arguments: [
            "Zg==", "Zg=", " Zg", "Zg\n", "Z g", "Zh", "Zm9", "Z", "Zm9vY", "A", "AAAAA", "Zé",
            "Zg\0", "=",
        ]
    )
    func strictness(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test("Random text has the requested strength and does not repeat")
    func random() {
        #expect(SecureRandom.text(bytes: 16).utf8.count == 22)
        #expect(Set((0..<1000).map { _ in SecureRandom.text(bytes: 16) }).count == 1000)
    }
}
