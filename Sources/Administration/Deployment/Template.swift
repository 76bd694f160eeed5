import Foundation
import Model

/// A file of the project in which each `@NAME@` is replaced with a value of the installation.
package enum Template {
    package static func filled(_ path: String, with values: [String: String]) throws -> String {
        var text = ""
        let template = try String(contentsOfFile: path, encoding: .utf8)
        var rest = template[...]
        while let match = rest.firstMatch(of: /@([A-Z_]+)@/.matchingSemantics(.unicodeScalar)) {
            guard let value = values[String(match.1)] else {
                throw ConfigurationError("\(path) contains @\(match.1)@, which has no value.")
            }
            text += rest[..<match.range.lowerBound] + value
            rest = rest[match.range.upperBound...]
        }
        return text + rest
    }
}
