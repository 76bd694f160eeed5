/// A photo somebody uploaded, with what was made of it.
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
    /// Pixels of the original as it stands upright; nil until it was decoded.
    public var pixels: PixelSize?
    /// Counted when a job is claimed, so a picture that kills its resizer is counted too.
    public var attempts: Int
    public var processedAt: Timestamp?
    public var failure: RenderFailure?
    /// Empty until `status` is complete.
    public var variants: [Variant]
    /// A data URI under 1 KB that a page can show before the thumbnail came.
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

    /// Nothing more will happen by itself.
    public var isFinal: Bool { self == .complete || self == .failed }
}

public enum Fit: String, Sendable, Codable, CaseIterable {
    /// The box exactly, centre-cropped; the largest such crop where the original is smaller.
    case cover
    /// Proportions kept, within the box.
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

/// The formats Multires takes. Which one a file has is told by its first bytes, never by its name.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
    case jpeg, png, webp, gif, avif, heic

    public var mediaType: String { "image/\(rawValue)" }
    public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

    /// Variants keep the original's format where browsers show it.
    public var ofVariants: ImageFormat { self == .heic ? .jpeg : self }
}
