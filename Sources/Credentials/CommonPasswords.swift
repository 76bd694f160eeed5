/// What people choose when they may, and so what is tried first: words, names, clubs, bands,
/// places, and whole passwords that occur in every published leak. They are in CommonPasswords.txt,
/// which the build compiles into the program.
///
/// Words too short to be a password are there for what people build on them. Sequences, keyboard
/// walks, repetitions, dates, "a word and a few digits" and letters replaced by digits are rules,
/// in `PasswordRule`.
enum CommonPasswords {
    /// - Parameter word: in lower case.
    static func contain(_ word: some Sequence<UInt8>) -> Bool {
        PackageResources.CommonPasswords_txt.split(separator: UInt8(ascii: "\n"))
            .contains { $0.elementsEqual(word) }
    }
}
