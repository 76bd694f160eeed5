/// What a resizer made of an order.
public struct Rendering: Sendable, Codable {
    /// The original, upright.
    public let pixels: PixelSize
    public let variants: [Variant]
    public let placeholder: String?

    public init(pixels: PixelSize, variants: [Variant], placeholder: String?) {
        self.pixels = pixels
        self.variants = variants
        self.placeholder = placeholder
    }
}

/// Why there are no sizes: part of the API, so `code` is stable and `sentence` is for people.
public struct RenderFailure: Error, Hashable, Sendable, Codable {
    public let code: String
    public let sentence: String

    public init(code: String, sentence: String) {
        self.code = code
        self.sentence = sentence
    }
}
