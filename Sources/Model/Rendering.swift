/// The result of a render request.
public struct Rendering: Sendable, Codable {
    /// Of the original, after its orientation was applied.
    public let pixels: PixelSize
    public let variants: [Variant]
    public let placeholder: String?

    public init(pixels: PixelSize, variants: [Variant], placeholder: String?) {
        self.pixels = pixels
        self.variants = variants
        self.placeholder = placeholder
    }
}
