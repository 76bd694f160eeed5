import Foundation
import Testing

@testable import Credentials

@Suite struct PasswordRuleTests {
    private func violation(_ password: String) -> String? {
        PasswordRule.violation(password, email: "Jane.Q.Public@Example.com")
    }

    @Test("A password must have 8 to 256 bytes")
    func length() {
        #expect(violation("x7#kq2v") != nil)
        #expect(violation("x7#kq2vw") == nil)
        #expect(violation("ünïcödé") == nil)
        let long = String(repeating: "x7#kq2vw", count: 32)
        #expect(violation(long + "x") != nil)
        #expect(violation("y" + long.dropFirst()) == nil)
    }

    @Test("The email and its local part are refused as passwords, in any letter case")
    func email() {
        #expect(violation("jane.q.public@example.com") != nil)
        #expect(violation("JANE.Q.PUBLIC") != nil)
        #expect(violation("jane.q.public, really") == nil)
    }

    @Test(
        "Common passwords are refused",
        arguments: [
            "password", "PASSWORD", "Password1", "Password123!", "p@ssw0rd", "P@$$w0rd1",
            "passw0rd",
            "iloveyou", "sunshine", "football", "baseball1", "superman", "michelle", "Jennifer99",
            "trustno1", "letmein123", "welcome1", "Welcome2024!", "summer2025", "Winter2023",
            "qwerty123",
            "qwertyuiop", "asdfghjkl", "1q2w3e4r", "1qaz2wsx", "zaq12wsx", "poiuytrewq",
            "0987654321",
            "12345678", "123456789", "1234567890", "87654321", "abcdefgh", "hgfedcba", "11111111",
            "aaaaaaaaaaaa", "abababab", "abcabcabc", "12341234", "01011990", "31121999", "19851026",
            "12251990", "abc12345", "liverpool", "chelsea1", "starwars", "dragon123", "monkey12",
            "!@#$%^&*",
            "shadow2020", "minecraft", "changeme", "administrator", "admin12345", "michael1",
            "pa55word",
        ])
    func common(password: String) {
        #expect(violation(password) != nil)
    }

    @Test(
        "Uncommon passwords are accepted, with or without digits and capitals",
        arguments: [
            "correct horse battery staple", "xkcdpasswords are long", "tr0ub4dor&3-ish", "kq7vwmzt",
            "83920175", "my dragon sleeps", "passwordless-sign-in", "пароль из слов", "密码密码密码密碼",
            "        x", "dragonmonkeyfig", "summer of 1987 in Lund",
        ])
    func uncommon(password: String) {
        #expect(violation(password) == nil)
    }

    @Test("Every violation is one sentence")
    func sentences() {
        for password in ["", "password", "jane.q.public"] {
            let sentence = violation(password) ?? ""
            #expect(sentence.hasSuffix(".") && sentence.first?.isUppercase == true)
        }
    }

    @Test("Bytes are counted in NFC, the form that is hashed")
    func normalized() {
        // 7 letters of 2 bytes, or of 3 when decomposed.
        let composed = "\u{E9}\u{E8}\u{EA}\u{EB}\u{E1}\u{E0}\u{E2}"
        let decomposed = composed.decomposedStringWithCanonicalMapping
        #expect(PasswordRule.violation(composed, email: "a@x.org") == nil)
        #expect(PasswordRule.violation(decomposed, email: "a@x.org") == nil)
        let short = String(repeating: "e\u{301}", count: 3)
        #expect(short.utf8.count == 9)
        #expect(PasswordRule.violation(short, email: "a@x.org")?.contains("8 to 256") == true)
        let long = String(repeating: "\u{E9}xy!", count: 50).decomposedStringWithCanonicalMapping
        #expect(long.utf8.count > 256 && PasswordRule.violation(long, email: "a@x.org") == nil)
    }
}
