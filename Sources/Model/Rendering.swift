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
