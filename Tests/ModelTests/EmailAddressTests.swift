import Support
import Testing

@testable import Model

@Suite struct EmailAddressTests {
    @Test(
        "An address is trimmed and its domain is converted to lower case",
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
        "Text that is not an email address is refused",
        arguments: [
            "", " ", "@", "jane", "jane@", "@example.com", "jane@example", "jane@@example.com",
            "jane@a@example.com", "ja ne@example.com", "jane@exa mple.com", "jane@.com",
            "jane@example.",
            "jane@example..com", "jane@-example.com", "jane@example-.com", "jane@exam_ple.com",
            "jane@example.com,joe@example.com", "ja\0ne@example.com", "jane@example.com\0",
            "ja\nne@example.com", "ja\r\nne@example.com", "ja\u{7F}ne@example.com",
            "ja\u{202E}ne@example.com", "ja\u{200B}ne@example.com", "jane@[127.0.0.1]",
            "jane@exam/ple.com",
            // In Swift a mark is part of the Character before it, so these have one @ or no dot.
            "a@\u{301}evil@b.example", "a@evil.example@\u{301}b.example", "a@\u{301}evil.example",
            "a@b.\u{301}example", "a@b.\u{903}example", "a@b.\u{20DD}example",
            "a@b.example\u{200D}", "a\u{200D}@b.example", "a@b\u{600}.example",
            "a@b.example\u{E0020}",
        ])
    func refused(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test("The local part may have 64 bytes, a label 63 and the whole address 254")
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

    @Test(
        "With any neighbouring character, an address has one @ and one canonical form",
        arguments: [
            0x21...0x6FF, 0x900...0x97F, 0x2000...0x214F, 0x3000...0x303F, 0xFE00...0xFFFF,
        ] as [ClosedRange<UInt32>])
    func allScalars(values: ClosedRange<UInt32>) {
        var wrong: [UInt32] = []
        for value in values {
            guard let scalar = Unicode.Scalar(value) else { continue }
            var isRight = EmailAddress("a@\(scalar)evil@b.example") == nil
            for text in ["a\(scalar)@b.example", "a@b\(scalar)c.example"] {
                guard let address = EmailAddress(text)?.text else { continue }
                let key = EmailAddress.canonical(text)
                isRight =
                    isRight && address.utf8.count(where: { $0 == 0x40 }) == 1
                    && EmailAddress.canonical(key).utf8.elementsEqual(key.utf8)
                    && EmailAddress.canonical(address).utf8.elementsEqual(key.utf8)
            }
            if !isRight { wrong.append(value) }
        }
        #expect(wrong.isEmpty)
    }

    @Test(
        "All spellings of an address have the same canonical form",
        arguments: [
            ("Jane@Example.ORG", "jane@example.org"),
            ("jose\u{301}@x.org", "jos\u{E9}@x.org"), ("JOS\u{C9}@x.org", "jos\u{E9}@x.org"),
            ("a@b\u{FC}cher.example", "a@xn--bcher-kva.example"),
            ("a@BU\u{308}CHER.example", "a@xn--bcher-kva.example"),
            ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
            ("a@\u{4E2D}\u{6587}.\u{4E2D}\u{56FD}", "a@xn--fiq228c.xn--fiqs8s"),
            ("a@xn--80ak6aa92e.com", "a@xn--80ak6aa92e.com"),
            // Not A-labels, although they begin with xn--, so they are left unchanged.
            ("a@xn--.org", "a@xn--.org"), ("a@xn--abc-.org", "a@xn--abc-.org"),
            ("a@xn--99999999.org", "a@xn--99999999.org"),
            ("No Address", "no address"),
            ("a@\u{FF42}\u{FF43}.example", "a@bc.example"),
            ("a@b\u{FF0E}c.example", "a@b.c.example"),
            ("a@b\u{3002}c.example", "a@b.c.example"), ("a@\u{212A}.example", "a@k.example"),
            ("\u{FF41}@x.org", "\u{FF41}@x.org"), ("a@b\u{FF20}c.example", "a@b@c.example"),
            // The Cyrillic a, which looks like the Latin a.
            ("a@\u{430}.example", "a@xn--80a.example"),
        ])
    func canonical(text: String, expected: String) {
        let canonical = EmailAddress.canonical(text)
        #expect(Array(canonical.utf8) == Array(expected.utf8), "\(canonical)")
        #expect(Array(EmailAddress.canonical(canonical).utf8) == Array(canonical.utf8))
    }
}

@Suite struct PunycodeTests {
    /// RFC 3492, section 7.1, in lower case.
    static let samples = [
        (
            "\u{644}\u{64A}\u{647}\u{645}\u{627}\u{628}\u{62A}\u{643}\u{644}\u{645}\u{648}"
                + "\u{634}\u{639}\u{631}\u{628}\u{64A}\u{61F}",
            "egbpdaj6bu4bxfgehfvwxn"
        ),
        (
            "\u{4ED6}\u{4EEC}\u{4E3A}\u{4EC0}\u{4E48}\u{4E0D}\u{8BF4}\u{4E2D}\u{6587}",
            "ihqwcrb4cv8a8dqg056pqjye"
        ),
        ("3\u{5E74}B\u{7D44}\u{91D1}\u{516B}\u{5148}\u{751F}", "3B-ww4c5e180e575a65lsy2b"),
        ("\u{305D}\u{306E}\u{30B9}\u{30D4}\u{30FC}\u{30C9}\u{3067}", "d9juau41awczczp"),
        ("b\u{FC}cher", "bcher-kva"), ("\u{1F98A}", "9s9h"),
    ]

    @Test("A label is encoded as in RFC 3492 and decodes to itself", arguments: samples)
    func sample(label: String, encoded: String) {
        #expect(Punycode.encode(label) == encoded)
        #expect(Punycode.decode(encoded) == label)
    }

    @Test("Any encoded label decodes to itself")
    func fuzzRoundTrip() {
        for seed in Fuzz.seeds(500) {
            var random = SeededNumbers(seed)
            var scalars = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                let most: UInt32 = Bool.random(using: &random) ? 0x7F : 0x10_FFFF
                let value = UInt32.random(in: 1...most, using: &random)
                if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
            }
            let label = String(scalars)
            let decoded = Punycode.encode(label).flatMap { Punycode.decode($0) }
            #expect(decoded.map { Array($0.utf8) } == Array(label.utf8), "seed \(seed)")
        }
    }

    @Test(
        "Text that is not Punycode is refused",
        arguments: ["!", "a!", "99999999", "ls8h=", "\u{E9}"])
    func broken(text: String) {
        #expect(Punycode.decode(text) == nil)
    }
}
