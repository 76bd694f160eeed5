import API
import Gateway
import Media
import Model
import Operations

extension ImageResponder {
    /// PATCH /api/images/:id: members that the request does not have stay unchanged.
    func change(_ request: Request, _ parameters: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .write).id
        let id = try imageID(parameters)
        let asked = try request.json(ChangeRequest.self)
        // The name and the alt text have the same rules as in an upload.
        let wanted = ImageChange(
            originalName: asked.originalName.map(FileName.cleaned),
            alt: try asked.alt.map(AltText.checked), visibility: try asked.checkedVisibility())
        let changed = try unfinished(
            "The change is stored, but the image's public addresses do not work yet. They start to "
                + "work within seconds, or when you send the request again."
        ) { try operations.changeImage(id, of: owner, to: wanted) }
        guard let image = changed else { throw Problem.notFound }
        return .json(200, ImageDetail(image, configuration.preset, addresses, at: .now()))
    }

    /// POST /api/images/:id/retry: queues a failed image again, and responds as an upload does. An image that
    /// has not failed is not changed, and the response is 409.
    func retry(_ request: Request, _ parameters: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .write).id
        // With the queue's limits, as for an upload, because the job takes a place in the queue again.
        guard
            let (image, job, queued) = try operations.retry(
                imageID(parameters), of: owner, within: configuration.allowance,
                requestID: request.id)
        else { throw Problem.notFound }
        // A failed image is not queued if the same file was uploaded again since: an account has at most one
        // image of the same bytes and fit that has not failed.
        guard queued else {
            throw image.status == .failed
                ? Problem.notFailed.saying(
                    "The same file was uploaded again later. Use the image of that upload.")
                : Problem.notFailed.saying(
                    "Only a failed image can be retried. This one is \(image.status.rawValue).")
        }
        return .json(202, Accepted(image, job: job))
    }
}

private struct ChangeRequest: Decodable {
    let originalName: String?
    let alt: String?
    /// A String, because the error for a wrong value names it; a `Visibility` would fail in the decoder.
    let visibility: String?

    func checkedVisibility() throws -> Visibility? {
        guard let visibility else { return nil }
        guard let known = Visibility(rawValue: visibility) else {
            throw Problem.invalidValue("visibility", visibility, "is not private or public.")
        }
        return known
    }
}
