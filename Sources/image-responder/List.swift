import API
import Gateway
import Model
import Text

extension ImageResponder {
    /// GET /api/images: newest first, a page at a time.
    func list(_ request: Request, _: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .read).id
        var filter = ImageFilter(name: try request.query("q").flatMap { $0.isEmpty ? nil : $0 })
        if let text = try request.query("limit") {
            guard let limit = Int(text), (1...200).contains(limit) else {
                throw Problem.invalidValue(
                    "limit", text, "is not a whole number from 1 to 200.")
            }
            filter.limit = limit
        }
        // The id of the last image of the earlier page. Ids sort by upload time, so images that are uploaded
        // or deleted meanwhile do not shift the pages, as they would with an offset.
        if let text = try request.query("cursor") {
            guard let cursor = Identifier<Image>(text) else {
                throw Problem.invalidValue(
                    "cursor", text, "is not the nextCursor of an earlier page.")
            }
            filter.before = cursor
        }
        if let text = try request.query("status") {
            guard let status = ImageStatus(rawValue: text) else {
                throw Problem.invalidValue(
                    "status", text, "is not pending, processing, complete or failed.")
            }
            filter.status = status
        }

        let limit = filter.limit
        filter.limit += 1  // One more, to know whether another page follows.
        let found = try catalog.images.list(of: owner, where: filter)
        let page = found.prefix(limit)
        let total = try catalog.images.count(of: owner, where: filter)
        // One time for all images, so that all links expire together.
        let now = Timestamp.now()
        // Written without JSONEncoder, because lists are frequent and long (`JSONWriter`).
        return .json(200) { json in
            json.member("images") { json in
                json.array(page) { json, image in
                    json.object { $0.write(image, addresses, at: now) }
                }
            }
            json.member("nextCursor", found.count > limit ? page.last?.id.text : nil)
            json.member("total", total)
        }
    }
}

extension JSONWriter {
    /// The members of one image in a list.
    fileprivate mutating func write(_ image: Image, _ addresses: Addresses, at now: Timestamp) {
        member("id", image.id.text)
        member("originalName", image.originalName)
        member("status", image.status.rawValue)
        member("uploadedAt", image.uploadedAt.rfc3339)
        member("processedAt", image.processedAt?.rfc3339)
        member("visibility", image.visibility.rawValue)
        member("width", image.pixels?.width)
        member("height", image.pixels?.height)
        // Every preset has a size of this name (`PresetFile`). Nil until the image is complete.
        let thumbnail = image.variants.first { $0.name == "thumbnail" }
        member("thumbnailUrl", thumbnail, of: image, addresses, at: now)
        // With its own width and height: the original's do not give the proportions of a crop.
        member("preview") { json in
            guard let preview = image.variants.previewed else { return json.null() }
            json.object {
                $0.member("url", preview, of: image, addresses, at: now)
                $0.member("width", preview.pixels.width)
                $0.member("height", preview.pixels.height)
            }
        }
        member("placeholder", image.placeholder)
        member("alt", image.alt)
        member("mediaType", image.format.mediaType)
    }

    private mutating func member(
        _ name: StaticString, _ variant: Variant?, of image: Image, _ addresses: Addresses,
        at now: Timestamp
    ) {
        guard let variant else { return member(name, nil as String?) }
        addresses.withURL(for: variant, of: image, at: now) { member(name, utf8: $0) }
    }
}
