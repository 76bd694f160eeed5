/// One size of an image, on disk and servable.
public struct Variant: Hashable, Sendable, Codable {
    /// The preset size's name: `thumbnail`, `small`, `medium`, `large`.
    public let name: String
    /// The preset's revision it was made with: part of its address, which so never changes content.
    public let revision: String
    public let format: ImageFormat
    public let pixels: PixelSize
    public let bytes: Int64

    public init(
        name: String, revision: String, format: ImageFormat, pixels: PixelSize, bytes: Int64
    ) {
        (self.name, self.revision, self.format) = (name, revision, format)
        (self.pixels, self.bytes) = (pixels, bytes)
    }

    public var fileName: String { "\(name).\(revision).\(format.fileExtension)" }
}
