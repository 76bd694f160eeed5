import Catalog
import Gateway

extension ImageResponder {
    /// GET /api/images: newest first, a page at a time.
    func list(_ request: Request, _: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .read).id
        var filter = ImageFilter(name: request.query("q").flatMap { $0.isEmpty ? nil : $0 })
        if let text = request.query("limit") {
            guard let limit = Int(text), (1...200).contains(limit) else {
                throw Problem.invalidRequest("limit must be a whole number from 1 to 200.")
            }
            filter.limit = limit
        }
        if let text = request.query("cursor") {
            guard let cursor = Identifier<Image>(text) else {
                throw Problem.invalidRequest("cursor must be the nextCursor of an earlier page.")
            }
            filter.before = cursor
        }
        if let text = request.query("status") {
            guard let status = ImageStatus(rawValue: text) else {
                throw Problem.invalidRequest(
                    "status must be pending, processing, complete or failed.")
            }
            filter.status = status
        }

        let limit = filter.limit
        filter.limit += 1  // One more tells whether another page follows.
        let found = try catalog.images(of: owner, where: filter)
        let page = found.prefix(limit)
        let now = Timestamp.now()
        return .json(
            200,
            ImagePage(
                images: page.map { ImageEntry($0, addresses, at: now) },
                nextCursor: found.count > limit ? page.last?.id : nil))
    }
}

private struct ImagePage: Encodable {
    let images: [ImageEntry]
    @Nullable var nextCursor: Identifier<Image>?
}

private struct ImageEntry: Encodable {
    let id: Identifier<Image>
    let originalName: String
    let status: ImageStatus
    let uploadedAt: Timestamp
    @Nullable var processedAt: Timestamp?
    let visibility: Visibility
    @Nullable var width: Int?
    @Nullable var height: Int?
    @Nullable var thumbnailUrl: String?
    @Nullable var preview: Preview?
    @Nullable var placeholder: String?

    /// What a gallery shows: the smallest size of 480 pixels or more, or else the largest there is.
    /// A cropped picture's proportions are the crop's, which
    /// `width` and `height`, the original's, do not tell.
    struct Preview: Encodable {
        let url: String
        let width: Int
        let height: Int
    }

    init(_ image: Image, _ addresses: Addresses, at now: Timestamp) {
        id = image.id
        originalName = image.originalName
        status = image.status
        uploadedAt = image.uploadedAt
        visibility = image.visibility
        _processedAt = Nullable(wrappedValue: image.processedAt)
        _width = Nullable(wrappedValue: image.pixels?.width)
        _height = Nullable(wrappedValue: image.pixels?.height)
        _thumbnailUrl = Nullable(
            wrappedValue: image.variants.first { $0.name == "thumbnail" }
                .map { addresses.variant($0, of: image, at: now).url })
        _preview = Nullable(
            wrappedValue: image.variants.previewed.map {
                Preview(
                    url: addresses.variant($0, of: image, at: now).url, width: $0.pixels.width,
                    height: $0.pixels.height)
            })
        _placeholder = Nullable(wrappedValue: image.placeholder)
    }
}

extension [Variant] {
    /// Smallest first, they may be small all: then the first of the largest.
    fileprivate var previewed: Variant? {
        first { Swift.max($0.pixels.width, $0.pixels.height) >= 480 }
            ?? self.max { $0.pixels.width * $0.pixels.height < $1.pixels.width * $1.pixels.height }
    }
}
