/// Why an image has no variants. It is part of the API (`errorCode`): `code` is stable and for programs,
/// `sentence` is for people.
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

    /// This machine's libraries cannot handle the format: the image waits until they can.
    public static func formatUnavailable(_ format: ImageFormat) -> RenderFailure {
        RenderFailure(
            code: formatUnavailableCode,
            sentence: "The server currently cannot render \(format.name) images. This image waits "
                + "until that is repaired.")
    }

    /// The image waits until the disk has room.
    public static let noSpace = RenderFailure(
        code: "no_space",
        sentence: "The server is out of disk space and stored nothing. Try again later.")
}
