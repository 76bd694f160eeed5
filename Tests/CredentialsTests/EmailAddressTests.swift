import Testing

@testable import Credentials

@Suite struct EmailAddressTests {
    @Test(
        "An address is trimmed and its domain is put in lower case",
        arguments: [
            ("jane@example.com", "jane@example.com"), ("  Jane@Example.COM\n", "Jane@example.com"),
            ("o'hara+tag@sub.example.co", "o'hara+tag@sub.example.co"),
            ("\u{A0}a@b.c\t", "a@b.c"), ("ÜNï@exÄmple.DE", "üNï@exämple.de"),
            ("a@xn--80ak6aa92e.com", "a@xn--80ak6aa92e.com"),
        ])
    func normalized(text: String, expected: String) {
        #expect(EmailAddress(text)?.text == expected)
    }

    @Test(
        "What is no address is refused",
        arguments: [
            "", " ", "@", "jane", "jane@", "@example.com", "jane@example", "jane@@example.com",
            "jane@a@example.com", "ja ne@example.com", "jane@exa mple.com", "jane@.com",
            "jane@example.",
            "jane@example..com", "jane@-example.com", "jane@example-.com", "jane@exam_ple.com",
            "jane@example.com,joe@example.com", "ja\0ne@example.com", "jane@example.com\0",
            "ja\nne@example.com", "ja\r\nne@example.com", "ja\u{7F}ne@example.com",
            "ja\u{202E}ne@example.com", "ja\u{200B}ne@example.com", "jane@[127.0.0.1]",
            "jane@exam/ple.com",
        ])
    func refused(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test("The local part may have 64 bytes, a label 63, the whole 254")
    func lengths() {
        func letters(_ count: Int) -> String { String(repeating: "a", count: count) }
        #expect(EmailAddress(letters(64) + "@example.com") != nil)
        #expect(EmailAddress(letters(65) + "@example.com") == nil)
        #expect(EmailAddress("a@\(letters(63)).com") != nil)
        #expect(EmailAddress("a@\(letters(64)).com") == nil)
        let domain = [letters(63), letters(63), letters(61)].joined(separator: ".")
        #expect(EmailAddress("\(letters(64))@\(domain)")?.text.utf8.count == 254)
        #expect(EmailAddress("\(letters(64))@\(domain)a") == nil)
    }
}
