/// One rendered size of an image, stored on disk.
public struct Variant: Hashable, Sendable, Codable {
    /// The preset size's name: `thumbnail`, `small`, `medium`, `large`.
    public let name: String
    /// `Preset.revision` of the size it was made with: part of the variant's address, so the content at an
    /// address never changes.
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
