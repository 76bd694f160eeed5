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
            "The image is deleted, but not all of its files could be removed yet; send the request "
                + "again, or they are removed within minutes."
        ) { try operations.deleteImage(id, of: owner) }
        guard let removed = deleted else { throw Problem.notFound }
        if let fault = removed.rowFault {
            LogLine.write(
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
