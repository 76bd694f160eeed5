import Gateway
import Media
import Model

extension AuthResponder {
    /// DELETE /api/auth/me. Hidden and signed out first, then the files, then the rows. From the first
    /// step on nothing brings it back: the worker's sweeper ends what a crash leaves in between.
    func deleteAccount(_ request: Request, _: Parameters) throws -> Response {
        let account = try authenticator.session(of: request).account
        let asked = try request.json(Confirmation.self)
        let now = Timestamp.now()
        let attempt = try verifying(
            asked.password, of: account.email, for: request, against: present(account),
            recordsSuccess: false
        ) { verified in
            let hasBegun = try ballast.makingRoom(for: .removal) {
                try catalog.accounts.beginDeletion(of: account.id, verified: verified.hash, at: now)
            }
            return hasBegun ? verified.attempt : nil
        }
        let erasure = try removeImages(of: account.id)
        // The account is gone whether this can be written or not.
        try? catalog.accounts.withdraw(attempt, under: configuration.loginThrottle)
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
            throw Fault(
                error,
                as: .unknownOutcome(retryAfter: 5).saying(
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
