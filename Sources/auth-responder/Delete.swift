import Catalog
import Gateway
import Media

extension AuthResponder {
    /// DELETE /api/auth/me. Hidden and signed out first, then the files, then the rows. From the first
    /// step on nothing brings it back: the worker's sweeper ends what a crash leaves in between.
    func deleteAccount(_ request: Request, _: Parameters) throws -> Response {
        let account = try authenticator.session(of: request).account
        let asked = try request.json(Confirmation.self)
        try check(
            asked.password, of: account.email, against: catalog.passwordHash(of: account.id),
            for: request)
        let now = Timestamp.now()
        let hasBegun = try ballast.makingRoom(for: .deletion) {
            try catalog.beginDeletion(of: account.id, at: now)
        }
        guard hasBegun else { throw Problem.revokedToken }
        let erasure = try removeImages(of: account.id)
        return .json(
            200,
            Receipt(
                userId: account.id, email: account.email, deletedAt: now,
                deletedImages: erasure.images, deletedFiles: erasure.files,
                freedBytes: erasure.bytes))
    }

    private func removeImages(of account: Identifier<Account>) throws -> Erasure {
        do {
            return try media.finishDeletion(of: account, in: catalog, ballast)
        } catch {
            let problem = (error as? CatalogError).map { Problem($0) }
            throw Fault(
                error,
                as: (problem ?? .internal).saying(
                    "The account is deleted and signed out everywhere, but not all of its files "
                        + "could be removed yet; they are removed within minutes."))
        }
    }
}

private struct Confirmation: Decodable {
    let password: String
}

private struct Receipt: Encodable {
    let userId: Identifier<Account>
    let email: String
    let deletedAt: Timestamp
    let deletedImages: Int
    let deletedFiles: Int
    let freedBytes: Int64
}
