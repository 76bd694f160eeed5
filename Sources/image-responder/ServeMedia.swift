import API
import Gateway
import Media
import Model
import Text

extension ImageResponder {
    /// GET /media/:id/:file, for shared hosting, where nginx does not serve the files. Addresses, signatures
    /// and headers are those of nginx/include/media.conf.
    func serveMedia(_ request: Request, _ parameters: Parameters) throws -> Response {
        let id = try imageID(parameters)
        guard let file = MediaFile(parameters["file"]) else { throw Problem.notFound }
        let type = ("Content-Type", file.format.mediaType)
        let places = MediaPath(configuration.folders).files(file, of: id)
        let age = configuration.publicAge.wholeSeconds
        // Opened through the public link, which is removed as soon as the image becomes private.
        if let place = places.public,
            let answer = try Response.file(
                at: place, for: request,
                headers: [type, ("Cache-Control", "public, max-age=\(age)")] + HeaderRules.image)
        {
            return answer
        }

        // A name that is not UTF-8 matches no signature.
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
        var headers = [type, ("Cache-Control", "private, max-age=\(slot)")] + HeaderRules.image
        if case .original = file {
            // Saved under the image's name (RFC 8187), which the signature covers.
            let encoded = percentEncoded(name ?? "")
            headers.append(
                ("Content-Disposition", "attachment; filename*=UTF-8''\(encoded)"))
        }
        guard let answer = try Response.file(at: places.own, for: request, headers: headers) else {
            throw Problem.notFound
        }
        return answer
    }
}
