import Foundation

/// Which passwords are accepted: 8 to 256 bytes, as UTF-8 in NFC, of any characters, except passwords that
/// attackers try first (OWASP ASVS 5.0, 6.2.1 to 6.2.11). No rule requires digits or capital letters:
/// attackers expect those as well.
public enum PasswordRule {
    /// One sentence about what is wrong; nil if the password is accepted.
    public static func violation(_ password: String, email: String) -> String? {
        let password = password.precomposedStringWithCanonicalMapping
        guard (8...256).contains(password.utf8.count) else {
            return "The password must have 8 to 256 bytes."
        }
        let guess = Array(password.lowercased().utf8)
        let address = email.lowercased()
        if guess == Array(address.utf8) || guess == Array(address.prefix { $0 != "@" }.utf8) {
            return "The password must not be the email address, or the part before its @."
        }
        if isRepetition(guess) || isSequence(guess) || isKeyboardWalk(guess) || isDate(guess)
            || isCommonWord(guess)
        {
            return "The password is too easy to guess. Choose another one."
        }
        return nil
    }

    /// One to four characters, repeated: `aaaaaaaa`, `abcabcabc`.
    private static func isRepetition(_ guess: [UInt8]) -> Bool {
        (1...4).contains { period in guess.dropFirst(period).elementsEqual(guess.dropLast(period)) }
    }

    /// Each character is one above, or each is one below, the previous one: `12345678`, `hgfedcba`.
    private static func isSequence(_ guess: [UInt8]) -> Bool {
        let steps = zip(guess, guess.dropFirst()).map { Int($1) - Int($0) }
        return steps.allSatisfy { $0 == 1 } || steps.allSatisfy { $0 == -1 }
    }

    private static func isKeyboardWalk(_ guess: [UInt8]) -> Bool {
        walks.contains { walk in
            walk.contains(guess) || walk.contains(guess.reversed())
        }
    }

    /// Rows and columns of keyboards, key by key.
    private static let walks: [[UInt8]] = [
        "1234567890123456789012345678901234567890",
        "0123456789abcdefghijklmnopqrstuvwxyz0123456789",
        "qwertyuiopasdfghjklzxcvbnmqwertyuiop1234567890", "qwertzuiopasdfghjklyxcvbnm1234567890",
        "azertyuiopqsdfghjklmwxcvbn1234567890", "1234567890qwertyuiop", "1234567890-=qwertyuiop[]",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
        "qazwsxedcrfvtgbyhnujmikolp", "zaq12wsxcde34rfvbgt56yhnmju78",
        "zaq1xsw2cde3vfr4bgt5nhy6mju7",
        "1qazxsw23edcvfr45tgbnhy67ujm", "a1s2d3f4g5h6j7k8l9", "!@#$%^&*()_+", "qweasdzxcqweasdzxc",
    ].map { Array($0.utf8) }

    /// Eight digits of a date from 1900 to 2099, in any of the three usual orders.
    private static func isDate(_ guess: [UInt8]) -> Bool {
        guard guess.count == 8, let digits = Int(String(decoding: guess, as: UTF8.self)) else {
            return false
        }
        func isDay(_ year: Int, _ first: Int, _ second: Int) -> Bool {
            (1900...2099).contains(year) && (1...31).contains(first) && (1...31).contains(second)
                && min(first, second) <= 12
        }
        return isDay(digits / 10_000, digits / 100 % 100, digits % 100)
            || isDay(digits % 10_000, digits / 1_000_000, digits / 10_000 % 100)
    }

    /// Whether it is in the list, also with up to five digits and signs after it (`Dragon2024!`), or with
    /// letters replaced by similar characters (`p@ssw0rd`).
    private static func isCommonWord(_ guess: [UInt8]) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || byte >= 0x80 }
        let tail = guess.reversed().prefix(5).prefix { !isLetter($0) }.count
        return (0...tail).contains { cut in
            let word = guess.dropLast(cut)
            return CommonPasswords.contain(word) || CommonPasswords.contain(word.map(letter))
        }
    }

    private static func letter(lookingLike byte: UInt8) -> UInt8 {
        switch UnicodeScalar(byte) {
        case "@", "4": UInt8(ascii: "a")
        case "3": UInt8(ascii: "e")
        case "1", "!": UInt8(ascii: "i")
        case "0": UInt8(ascii: "o")
        case "$", "5": UInt8(ascii: "s")
        case "7": UInt8(ascii: "t")
        default: byte
        }
    }
}
