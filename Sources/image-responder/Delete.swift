import Catalog
import Gateway
import Media

extension ImageResponder {
    /// DELETE /api/images/:id. Hidden and its job cancelled first, so a running worker cannot bring
    /// it back; then the files; then the row. The sweeper ends what a crash leaves in between.
    func delete(_ request: Request, _ parameters: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .write).id
        guard
            let image = try catalog.beginDeletion(
                of: imageID(parameters), owner: owner, at: .now())
        else { throw Problem.notFound }
        let removed = try media.remove(image.id)
        try catalog.finishDeletion(of: image.id)
        return .json(
            200, Deleted(id: image.id, deletedFiles: removed.files, freedBytes: removed.bytes))
    }
}

private struct Deleted: Encodable {
    let id: Identifier<Image>
    let deletedFiles: Int
    let freedBytes: Int64
}
