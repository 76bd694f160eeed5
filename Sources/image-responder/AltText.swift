import Gateway

/// What a picture shows, in words.
enum AltText {
    /// At most 1,000 characters, long enough for any description that helps a listener.
    static func checked(_ text: String) throws -> String {
        guard text.count <= 1000, !text.unicodeScalars.contains("\0") else {
            throw Problem.invalidRequest("alt must be at most 1,000 characters of text.")
        }
        return text
    }
}
