import Gateway
import Media
import Model

extension ImageResponder {
    /// PATCH /api/images/:id. Visibility fails closed: to publish, the row comes first, then the
    /// link; to make private, the link goes first, and comes back when the row could not change.
    func change(_ request: Request, _ parameters: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .write).id
        let id = try imageID(parameters)
        let asked = try request.json(ChangeRequest.self)
        let wanted = ImageChange(
            originalName: asked.originalName.map(FileName.cleaned),
            alt: try asked.alt.map(AltText.checked), visibility: try asked.checkedVisibility())
        guard try catalog.images.image(id, of: owner) != nil else { throw Problem.notFound }
        let change = { try catalog.images.change(id, of: owner, to: wanted) }
        let changed =
            switch wanted.visibility {
            case .public: try publishing(id, change)
            case .private: try hiding(id, of: owner, change)
            case nil: try change()
            }
        guard let image = changed else { throw Problem.notFound }
        return .json(200, ImageDetail(image, configuration.preset, addresses, at: .now()))
    }

    private func hiding(
        _ id: Identifier<Image>, of owner: Identifier<Account>, _ change: () throws -> Image?
    ) throws -> Image? {
        let isPublic = { try catalog.images.image(id, of: owner)?.visibility == .public }
        return try media.hidingLink(of: id, backWhile: isPublic) {
            try ballast.makingRoom(for: .removal, change)
        }
    }

    /// What may find no room is done before the row changes, so that an error says what is so.
    private func publishing(
        _ id: Identifier<Image>, _ change: () throws -> Image?
    ) throws -> Image? {
        let link = try media.prepareLink(of: id)
        let changed: Image?
        do {
            changed = try change()
        } catch {
            // Where nobody knows whether it did, the worker looks at the row.
            if error as? CatalogError != .unknownOutcome { media.discard(link) }
            throw error
        }
        do {
            try ballast.makingRoom(for: .signIn) {
                try media.place(link, of: id) { try !catalog.images.published(among: [id]).isEmpty }
            }
        } catch {
            throw Fault(
                error,
                as: .unknownOutcome(retryAfter: 5).saying(
                    "The change is stored, but the public addresses do not work yet; send the "
                        + "request again, or they work within seconds."))
        }
        return changed
    }

    /// POST /api/images/:id/retry, for one that failed; for any other it changes nothing.
    func retry(_ request: Request, _ parameters: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .write).id
        guard
            let (image, job, queued) = try catalog.images.retry(
                imageID(parameters), of: owner, within: configuration.allowance,
                requestID: request.id, at: .now())
        else { throw Problem.notFound }
        guard queued else {
            throw image.status == .failed
                ? Problem.notFailed.saying(
                    "The same photo was uploaded again since; see that image.")
                : Problem.notFailed.saying(
                    "Only a failed image can be tried again; this one is \(image.status.rawValue).")
        }
        wakeWorker()
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
