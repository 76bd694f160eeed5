/// An image: the record of an uploaded original and its variants.
public struct Image: Sendable, Identifiable {
    public let id: Identifier<Image>
    public let account: Identifier<Account>
    public var originalName: String
    public var alt: String
    public let format: ImageFormat
    public let fit: Fit
    public var visibility: Visibility
    /// The original's length in bytes.
    public let bytes: Int64
    public let uploadedAt: Timestamp

    public var status: ImageStatus
    /// Pixels of the original after its orientation was applied; nil until it was decoded.
    public var pixels: PixelSize?
    /// Counted when a job is claimed, so an attempt that crashes the resizer is counted too.
    public var attempts: Int
    public var processedAt: Timestamp?
    public var failure: RenderFailure?
    /// Empty until `status` is complete.
    public var variants: [Variant]
    /// A data URI under 1 KB that a page can show until the thumbnail has loaded.
    public var placeholder: String?

    public init(
        id: Identifier<Image>, account: Identifier<Account>, originalName: String, alt: String,
        format: ImageFormat, fit: Fit, visibility: Visibility, bytes: Int64, uploadedAt: Timestamp,
        status: ImageStatus = .pending, pixels: PixelSize? = nil, attempts: Int = 0,
        processedAt: Timestamp? = nil, failure: RenderFailure? = nil, variants: [Variant] = [],
        placeholder: String? = nil
    ) {
        (self.id, self.account, self.originalName, self.alt) = (id, account, originalName, alt)
        (self.format, self.fit, self.visibility, self.bytes) = (format, fit, visibility, bytes)
        (self.uploadedAt, self.status, self.pixels) = (uploadedAt, status, pixels)
        (self.attempts, self.processedAt, self.failure) = (attempts, processedAt, failure)
        (self.variants, self.placeholder) = (variants, placeholder)
    }
}

public enum ImageStatus: String, Sendable, Codable, CaseIterable {
    case pending, processing, complete, failed

    /// Whether no further processing follows automatically.
    public var isFinal: Bool { self == .complete || self == .failed }
}

public enum Fit: String, Sendable, Codable, CaseIterable {
    /// Fills the box exactly, cropped around the centre. An original that is too small is not enlarged: the
    /// variant is the largest crop with the box's proportions.
    case cover
    /// Keeps the proportions and fits within the box; never enlarges.
    case inside
}

public enum Visibility: String, Sendable, Codable, CaseIterable {
    case `private`, `public`
}

public struct PixelSize: Hashable, Sendable, Codable {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

/// The formats that uploads may have. A file's format is detected by its first bytes, never by its name.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
    case jpeg, png, webp, gif, avif, heic

    public var mediaType: String { "image/\(rawValue)" }
    public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

    /// The format of variants for which the preset sets none: the original's, but JPEG for HEIC, which most
    /// browsers do not show.
    public var ofVariants: ImageFormat { self == .heic ? .jpeg : self }

    /// The same for an animation. libvips writes no animated AVIF.
    public var ofAnimatedVariants: ImageFormat { self == .avif ? .webp : ofVariants }
}
