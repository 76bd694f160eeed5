/// Text as bytes and scalars.
///
/// Swift compares, splits and searches Strings by grapheme and by canonical equivalence (Unicode, UAX
/// #15 and #29): a quote before U+0301 is not a quote, a slash after U+0600 is not a slash, and U+212A
/// equals "K". Browsers, shells, file systems and SQLite see bytes. So text that other programs read is
/// checked, split, compared and escaped with these functions, or with `utf8` and `unicodeScalars`.
extension StringProtocol {
    /// Whether the bytes are the same.
    public func isSame(as other: some StringProtocol) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    public func starts(withBytes prefix: some StringProtocol) -> Bool {
        utf8.starts(with: prefix.utf8)
    }

    public func ends(withBytes suffix: some StringProtocol) -> Bool {
        utf8.count >= suffix.utf8.count && utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// Whether every byte is in `alphabet`, which must be ASCII. True for an empty text.
    public func isMade(of alphabet: String) -> Bool {
        utf8.allSatisfy(alphabet.utf8.contains)
    }

    /// ASCII letters in lower case; the rest is unchanged. `lowercased()` would change U+212A to "k".
    public var asciiLowercased: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// The parts between separators, including empty ones. The separator must be ASCII.
    public func parts(separatedBy separator: Unicode.Scalar) -> [SubSequence] {
        utf8.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false)
            .map { self[$0.startIndex..<$0.endIndex] }
    }

    /// As many whole scalars from the beginning as fit into `limit` bytes of UTF-8.
    public func prefix(bytes limit: Int) -> SubSequence {
        guard utf8.count > limit else { return self[...] }
        let scalars = unicodeScalars
        var end = scalars.startIndex
        var rest = limit
        while end < scalars.endIndex, UTF8.width(scalars[end]) <= rest {
            rest -= UTF8.width(scalars[end])
            scalars.formIndex(after: &end)
        }
        return self[..<end]
    }

    /// Without white space at both ends, by scalar.
    public var trimmed: SubSequence {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return self[endIndex...] }
        return self[first..<scalars.index(after: last)]
    }
}

extension String {
    /// Replaces each scalar for which `replacement` returns a text by that text.
    public func escaped(_ replacement: (Unicode.Scalar) -> String?) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if let text = replacement(scalar) {
                escaped.append(contentsOf: text.unicodeScalars)
            } else {
                escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// Decodes UTF-8, or else Latin-1 (ISO/IEC 8859-1), in which each byte is the scalar of that number. For
    /// file names from old disks and programs: a wrong letter is better than no name.
    public init(utf8OrLatin1 bytes: some Collection<UInt8>) {
        self =
            String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map(Unicode.Scalar.init)))
    }
}
