import API
import Gateway

/// Alternative text: a description of the image for users who cannot see it.
enum AltText {
    /// In code points, as JSON Schema counts `maxLength`: long enough for any description that is read aloud,
    /// and at most 4,000 bytes.
    static let longest = 1000

    static func checked(_ text: String) throws -> String {
        let scalars = text.unicodeScalars
        guard scalars.count <= longest, !scalars.contains("\0") else {
            throw Problem.invalidRequest(
                "The field 'alt' must have at most \(longest) characters (Unicode code points) and "
                    + "no NUL.")
        }
        return text
    }
}
