import API
import Gateway
import Model

extension ImageResponder {
    /// GET /api/images/:id
    func detail(_ request: Request, _ parameters: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .read).id
        guard let image = try catalog.images.image(imageID(parameters), of: owner) else {
            throw Problem.notFound
        }
        return .json(200, ImageDetail(image, configuration.preset, addresses, at: .now()))
    }
}

/// Everything about one image, as www/openapi.json lists it.
struct ImageDetail: Encodable {
    let id: Identifier<Image>
    let originalName: String
    let status: ImageStatus
    let fit: Fit
    let visibility: Visibility
    let alt: String
    @Nullable var width: Int?
    @Nullable var height: Int?
    @Nullable var sizes: [String: Size]?
    let variants: [String: ImageStatus]
    @Nullable var embed: Embed?
    @Nullable var placeholder: String?
    let attempts: Int
    let uploadedAt: Timestamp
    @Nullable var processedAt: Timestamp?
    @Nullable var errorMessage: String?
    @Nullable var errorCode: String?

    struct Size: Encodable {
        let url: String
        @Nullable var expiresAt: Timestamp?
        let width: Int
        let height: Int
        /// For display: `15KB`.
        let size: String
        let bytes: Int64
        let mediaType: String
    }

    init(_ image: Image, _ preset: Preset, _ addresses: Addresses, at now: Timestamp) {
        id = image.id
        originalName = image.originalName
        status = image.status
        fit = image.fit
        visibility = image.visibility
        alt = image.alt
        attempts = image.attempts
        uploadedAt = image.uploadedAt
        // All variants have the status of the image, because they are published by one rename.
        let names = preset.names(of: image.variants.map(\.name), while: image.status)
        variants = Dictionary(uniqueKeysWithValues: names.map { ($0, image.status) })
        _width = Nullable(wrappedValue: image.pixels?.width)
        _height = Nullable(wrappedValue: image.pixels?.height)
        let sizes = Self.sizes(of: image, addresses, at: now)
        _sizes = Nullable(wrappedValue: sizes)
        _embed = Nullable(wrappedValue: Embed(image, sizes))
        _placeholder = Nullable(wrappedValue: image.placeholder)
        _processedAt = Nullable(wrappedValue: image.processedAt)
        _errorMessage = Nullable(wrappedValue: image.failure?.sentence)
        _errorCode = Nullable(wrappedValue: image.failure?.code)
    }

    /// Nil until the image is complete: then all variants have files, and the original's pixels are known. No
    /// size of a preset can have the name `original` (`PresetFile`).
    private static func sizes(
        of image: Image, _ addresses: Addresses, at now: Timestamp
    ) -> [String: Size]? {
        guard image.status == .complete, let pixels = image.pixels else { return nil }
        var sizes: [String: Size] = [:]
        for variant in image.variants {
            sizes[variant.name] = Size(
                addresses.variant(variant, of: image, at: now), variant.pixels, variant.bytes,
                variant.format)
        }
        sizes["original"] = Size(
            addresses.original(of: image, at: now), pixels, image.bytes, image.format)
        return sizes
    }
}

extension ImageDetail.Size {
    init(
        _ address: (url: String, expiresAt: Timestamp?), _ pixels: PixelSize, _ bytes: Int64,
        _ format: ImageFormat
    ) {
        url = address.url
        width = pixels.width
        height = pixels.height
        self.bytes = bytes
        size = HumanReadable.shortBytes(bytes)
        mediaType = format.mediaType
        _expiresAt = Nullable(wrappedValue: address.expiresAt)
    }
}

extension Preset {
    /// Names of the variants that a status lists. A complete image has those that were rendered, even if
    /// the preset has changed since.
    func names(of present: [String], while status: ImageStatus) -> [String] {
        status == .complete ? present : sizes.map(\.name)
    }
}
