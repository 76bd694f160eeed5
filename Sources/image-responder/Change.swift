import API
import Gateway
import Media
import Model
import Operations

extension ImageResponder {
    /// PATCH /api/images/:id
    func change(_ request: Request, _ parameters: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .write).id
        let id = try imageID(parameters)
        let asked = try request.json(ChangeRequest.self)
        let wanted = ImageChange(
            originalName: asked.originalName.map(FileName.cleaned),
            alt: try asked.alt.map(AltText.checked), visibility: try asked.checkedVisibility())
        let changed = try unfinished(
            "The change is stored, but the public addresses do not work yet; send the request again, "
                + "or they work within seconds."
        ) { try operations.changeImage(id, of: owner, to: wanted) }
        guard let image = changed else { throw Problem.notFound }
        return .json(200, ImageDetail(image, configuration.preset, addresses, at: .now()))
    }

    /// POST /api/images/:id/retry, for one that failed; for any other it changes nothing.
    func retry(_ request: Request, _ parameters: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .write).id
        guard
            let (image, job, queued) = try operations.retry(
                imageID(parameters), of: owner, within: configuration.allowance,
                requestID: request.id)
        else { throw Problem.notFound }
        guard queued else {
            throw image.status == .failed
                ? Problem.notFailed.saying(
                    "The same photo was uploaded again since; see that image.")
                : Problem.notFailed.saying(
                    "Only a failed image can be tried again; this one is \(image.status.rawValue).")
        }
        return .json(202, Accepted(image, job: job))
    }
}

private struct ChangeRequest: Decodable {
    let originalName: String?
    let alt: String?
    let visibility: String?

    func checkedVisibility() throws -> Visibility? {
        guard let visibility else { return nil }
        guard let known = Visibility(rawValue: visibility) else {
            throw Problem.invalidRequest("visibility must be private or public.")
        }
        return known
    }
}
