import API
import Gateway
import Model
import Operations
import Processes

extension ImageResponder {
    /// DELETE /api/images/:id
    func delete(_ request: Request, _ parameters: Parameters) throws -> Response {
        let owner = try authenticator.account(of: request, for: .write).id
        let id = try imageID(parameters)
        let deleted = try unfinished(
            "The image is deleted, but some of its files are not removed yet. The server removes "
                + "them within minutes, or when you send the request again."
        ) { try operations.deleteImage(id, of: owner) }
        guard let removed = deleted else { throw Problem.notFound }
        // All files are gone, so this is a success: the next sweep removes the hidden row.
        if let fault = removed.rowFault {
            LogRecord.write(
                "warning", program.name, "image \(id): \(fault)",
                [("requestId", .text(request.id))])
        }
        return .json(200, Deleted(id: id, deletedFiles: removed.files, freedBytes: removed.bytes))
    }
}

private struct Deleted: Encodable {
    let id: Identifier<Image>
    let deletedFiles: Int
    let freedBytes: Int64
}
