import Model

/// Reads and writes the column `image.variants`, which has a line for each variant:
///
///     thumbnail b8cd9b65 jpeg 150 150 4321
///
/// The grammar, its version and how it may change are in `Schema` (Schema/Schema.swift). As rows of a table
/// of their own, variants took a quarter of a list's time and a fifth of the database.
enum VariantLines {
    static func text(_ variants: [Variant]) -> String {
        variants.map {
            "\($0.name) \($0.revision) \($0.format.rawValue) "
                + "\($0.pixels.width) \($0.pixels.height) \($0.bytes)"
        }.joined(separator: "\n")
    }

    /// Throws `UnreadableColumn`.
    static func variants(_ text: UnsafeBufferPointer<UInt8>) throws -> [Variant] {
        var words = Words(text)
        var variants: [Variant] = []
        variants.reserveCapacity(4)
        while let name = words.next() {
            guard let revision = words.next(), let format = words.next(),
                let width = words.number(), let height = words.number(),
                let bytes = words.number()
            else { throw UnreadableColumn(Variant.self) }
            variants.append(
                Variant(
                    name: string(name), revision: string(revision),
                    format: try self.format(format, like: variants.last?.format),
                    pixels: PixelSize(width: width, height: height), bytes: Int64(bytes)))
        }
        return variants
    }

    /// Only the names, without checking the rest of each line.
    static func names(_ text: UnsafeBufferPointer<UInt8>) -> [String] {
        text.split(separator: UInt8(ascii: "\n")).map { line in
            String(decoding: line.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
        }
    }

    private static func string(_ word: UnsafeBufferPointer<UInt8>) -> String {
        String(decoding: word, as: UTF8.self)
    }

    /// Usually the format of the previous variant, which is then not decoded again.
    private static func format(
        _ word: UnsafeBufferPointer<UInt8>, like last: ImageFormat?
    ) throws -> ImageFormat {
        let text = string(word)
        if let last, last.rawValue == text { return last }
        guard let format = ImageFormat(rawValue: text) else {
            throw UnreadableColumn(ImageFormat.self)
        }
        return format
    }
}

/// Reads words that are separated by one space or line feed each.
private struct Words {
    private var rest: UnsafeBufferPointer<UInt8>

    init(_ text: UnsafeBufferPointer<UInt8>) {
        rest = text
    }

    mutating func next() -> UnsafeBufferPointer<UInt8>? {
        guard !rest.isEmpty else { return nil }
        var end = 0
        while end < rest.count, rest[end] > UInt8(ascii: " ") { end += 1 }
        defer { rest = UnsafeBufferPointer(rebasing: rest[min(end + 1, rest.count)...]) }
        return UnsafeBufferPointer(rebasing: rest[..<end])
    }

    /// Nil for a word that is not a decimal number of 1 to 15 digits.
    mutating func number() -> Int? {
        guard let word = next(), (1...15).contains(word.count) else { return nil }
        var number = 0
        for byte in word {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = 10 * number + Int(byte - 0x30)
        }
        return number
    }
}
