import Foundation
import Text

/// What `--json` prints: one object, its members in alphabetical order.
enum JSONLine {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(value), as: UTF8.self)
        // JSONEncoder escapes those of C0 alone, and a terminal obeys others too.
        return text.escaped { scalar in
            guard scalar.isUnprintable else { return nil }
            return String(scalar).utf16.map {
                "\\u" + $0.hex(digits: 4)
            }.joined()
        }
    }
}
