/// Passwords that users often choose, and that attackers therefore try first: words, names, clubs, bands,
/// places, and whole passwords that occur in every published leak. They are in CommonPasswords.txt,
/// which the build compiles into the program.
///
/// Words that are too short for a password are listed because users extend them. Sequences, keyboard
/// walks, repetitions, dates, "a word and a few digits" and letters replaced by digits are rules
/// in `PasswordRule`.
enum CommonPasswords {
    /// - Parameter word: in lower case.
    static func contain(_ word: some Sequence<UInt8>) -> Bool {
        PackageResources.CommonPasswords_txt.split(separator: UInt8(ascii: "\n"))
            .contains { $0.elementsEqual(word) }
    }
}
