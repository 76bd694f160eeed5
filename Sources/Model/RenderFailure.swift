/// Why there are no sizes: part of the API, so `code` is stable and `sentence` is for people.
public struct RenderFailure: Error, Hashable, Sendable, Codable {
    public let code: String
    public let sentence: String

    public init(code: String, sentence: String) {
        self.code = code
        self.sentence = sentence
    }
}

extension RenderFailure {
    public static let formatUnavailableCode = "format_unavailable"

    /// The machine's libraries are at fault: the image waits until they work.
    public static func formatUnavailable(_ format: ImageFormat) -> RenderFailure {
        RenderFailure(
            code: formatUnavailableCode,
            sentence: "The server cannot make sizes of \(format.name) pictures at present.")
    }

    /// The image waits until there is room.
    public static let noSpace = RenderFailure(
        code: "no_space", sentence: "The service is out of disk space and stored nothing.")
}
