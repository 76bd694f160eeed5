import API
import Gateway
import Model
import Operations

extension AuthResponder {
    /// DELETE /api/auth/me
    func deleteAccount(_ request: Request, _: Parameters) throws -> Response {
        let account = try authenticator.session(of: request).account
        let asked = try request.json(Confirmation.self)
        let now = Timestamp.now()
        let attempt = try verifying(
            asked.password, of: account.email, for: request, answering: .wrongPassword,
            against: present(account), recordsSuccess: false
        ) { verified in
            // Only this short step holds the hashing turn: removing the files may take long.
            try operations.beginDeletion(of: account.id, verified: verified.hash)
                ? verified.attempt : nil
        }
        let removed = try unfinished(
            "The account is deleted and signed out everywhere, but some of its files are not "
                + "removed yet. The server removes them within minutes."
        ) { try operations.finishDeletion(of: account.id) }
        // The password was right, so it must not count as a failure. The account is deleted even if this
        // write fails.
        try? catalog.accounts.withdraw(attempt, under: configuration.loginThrottle)
        return .json(
            200,
            Receipt(
                userId: account.id, email: account.email, deletedAt: now,
                deletedImages: removed.images, deletedFiles: removed.files,
                freedBytes: removed.bytes))
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
