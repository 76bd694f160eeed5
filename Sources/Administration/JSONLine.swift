import Foundation
import Text

/// What `--json` prints: one object, its members in alphabetical order.
package enum JSONLine {
    package static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(value), as: UTF8.self)
        // JSONEncoder escapes only the control characters of C0, but a terminal also interprets others.
        return text.escaped { scalar in
            scalar.isUnprintable ? scalar.jsonEscape : nil
        }
    }
}
