import API
import Text

extension Problem {
    /// A parameter, field or header with a wrong value: `limit: '9999' is not a whole number from 1 to 200.`
    ///
    /// - Parameters:
    ///   - value: as the client sent it. The response contains the first 64 bytes of its printable form, so
    ///     it must not be a password or a token.
    ///   - rest: the rest of the sentence, with its full stop.
    public static func invalidValue(_ name: String, _ value: String, _ rest: String) -> Problem {
        let limit = 64
        // Up to one more scalar, which has at most 4 bytes: then the rest is known to be cut off.
        let beginning = String(value.prefix(bytes: limit + 4)).printable
        let shown = beginning.prefix(bytes: limit)
        let end = shown.utf8.count < beginning.utf8.count ? "…" : ""
        return .invalidRequest("\(name): '\(shown)\(end)' \(rest)")
    }
}
