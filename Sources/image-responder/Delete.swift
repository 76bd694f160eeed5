import Gateway
import Media
import Model
import Processes

extension ImageResponder {
    /// DELETE /api/images/:id. Hidden and its job cancelled first, so a running worker cannot bring
    /// it back; then the files; then the row. Asked again, it ends what was cut short, and a sweep
    /// does too.
    func delete(_ request: Request, _ parameters: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .write).id
        let id = try imageID(parameters)
        let image = try ballast.makingRoom(for: .removal) {
            try catalog.images.beginDeletion(of: id, owner: owner, at: .now())
        }
        guard image != nil else { throw Problem.notFound }
        let removed = try removeFiles(of: id)
        do {
            try ballast.makingRoom(for: .removal) { try catalog.images.finishDeletion(of: id) }
        } catch {
            // The image is gone all the same: its row, which nobody sees, goes with the next sweep.
            LogLine.write(
                "warning", program.name, "image \(id): \(error)",
                [("requestId", .text(request.id))])
        }
        return .json(200, Deleted(id: id, deletedFiles: removed.files, freedBytes: removed.bytes))
    }

    private func removeFiles(of id: Identifier<Image>) throws -> (files: Int, bytes: Int64) {
        do {
            return try ballast.makingRoom(for: .removal) { try media.remove(id) }
        } catch {
            throw Fault(
                error,
                as: .unknownOutcome(retryAfter: 5).saying(
                    "The image is deleted, but not all of its files could be removed yet; send the "
                        + "request again, or they are removed within minutes."))
        }
    }
}

private struct Deleted: Encodable {
    let id: Identifier<Image>
    let deletedFiles: Int
    let freedBytes: Int64
}
