import Gateway
import Media
import Model

extension ImageResponder {
    /// GET /media/:id/:file, where no nginx answers it from disk (shared hosting): the addresses,
    /// signatures and headers of nginx/include/media.conf.
    func picture(_ request: Request, _ parameters: Parameters) throws -> Response {
        let id = try imageID(parameters)
        guard let file = MediaFile(parameters["file"]) else { throw Problem.notFound }
        let type = ("Content-Type", file.format.mediaType)
        let places = media.paths.files(file, of: id)
        let age = configuration.publicAge.wholeSeconds
        // Through the link, so that making an image private acts at once.
        if let place = places.public,
            let answer = try Response.file(
                at: place, for: request,
                headers: [type, ("Cache-Control", "public, max-age=\(age)")] + Self.harmless)
        {
            return answer
        }

        // What is no text fits no signature.
        let name = try? request.query("name")
        let claim = LinkCheck.Claim(
            key: try? request.query("key"), expires: try? request.query("expires"),
            signature: try? request.query("signature"), name: name)
        switch linkCheck.fault(of: claim, for: request.path, at: .now()) {
        case .invalid: throw Problem.invalidSignature
        case .expired: throw Problem.expiredSignature
        case nil: break
        }
        let slot = configuration.linkSlot.wholeSeconds
        var headers = [type, ("Cache-Control", "private, max-age=\(slot)")] + Self.harmless
        if case .original = file {
            // Under its own name (RFC 8187), which the signature covers.
            let encoded = SignedURL.percentEncode(name ?? "")
            headers.append(
                ("Content-Disposition", "attachment; filename*=UTF-8''\(encoded)"))
        }
        guard let answer = try Response.file(at: places.own, for: request, headers: headers) else {
            throw Problem.notFound
        }
        return answer
    }

    /// A picture is a picture whatever its bytes might also pass for; opened as a page, it runs
    /// nothing; other sites may embed it.
    private static let harmless: [(name: String, value: String)] = [
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
    ]
}
