import API
import Gateway

/// What a picture shows, in words.
enum AltText {
    /// Code points, as JSON Schema counts `maxLength`: long enough for any description that helps a
    /// listener, and at most 4,000 bytes.
    static let longest = 1000

    static func checked(_ text: String) throws -> String {
        let scalars = text.unicodeScalars
        guard scalars.count <= longest, !scalars.contains("\0") else {
            throw Problem.invalidRequest(
                "alt must be at most \(longest) characters (Unicode code points) of text.")
        }
        return text
    }
}
