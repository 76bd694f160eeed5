import API
import Credentials
import Foundation
import Gateway
import Model

extension AuthResponder {
    /// Enough for every machine of one user, and few enough for a list without pages.
    private static let maxKeys = 50

    /// POST /api/auth/keys: only this response ever contains the key itself.
    func createKey(_ request: Request, _: Parameters) throws -> Response {
        let session = try authenticator.session(of: request)
        let asked = try request.json(NewKey.self)
        let now = Timestamp.now()
        let key = APIKey(
            id: Identifier(at: now), account: session.account.id, name: try asked.checkedName(),
            scopes: try asked.checkedScopes(), createdAt: now,
            expiresAt: try asked.checkedExpiry(after: now))
        let (text, digest) = APIKey.make()
        guard try catalog.accounts.add(key, digest: digest, limit: Self.maxKeys, by: session.id)
        else {
            // The session has ended since the token was checked.
            throw Problem.revokedToken
        }
        return .json(201, MadeKey(key: text, entry: KeyEntry(key)))
    }

    /// GET /api/auth/keys, the newest first.
    func keys(_ request: Request, _: Parameters) throws -> Response {
        let session = try authenticator.session(of: request)
        return .json(
            200, ["keys": try catalog.accounts.keys(of: session.account.id).map(KeyEntry.init)])
    }

    /// DELETE /api/auth/keys/:id
    func revokeKey(_ request: Request, _ parameters: Parameters) throws -> Response {
        let session = try authenticator.session(of: request)
        guard let id = Identifier<APIKey>(parameters["id"]),
            try reservedSpace.withReservedSpace(
                for: .removal, { try catalog.accounts.revoke(id, of: session.account.id) })
        else { throw Problem.notFound }
        return .empty(204)
    }
}

private struct NewKey: Decodable {
    let name: String
    let scopes: [String]
    let expiresAt: String?

    private enum CodingKeys: CodingKey { case name, scopes, expiresAt }

    /// `expiresAt` may be null but not missing, so a key that never expires is a deliberate choice.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        scopes = try container.decode([String].self, forKey: .scopes)
        expiresAt = try container.decode(String?.self, forKey: .expiresAt)
    }

    func checkedName() throws -> String {
        // Counted in code points, as JSON Schema's `maxLength` is. Blanks are Unicode's White_Space, which
        // the pattern in www/openapi.json lists.
        let isVisible = { (scalar: Unicode.Scalar) in !scalar.properties.isWhitespace }
        let sent = name.unicodeScalars
        guard sent.count <= 100, let first = sent.firstIndex(where: isVisible),
            let last = sent.lastIndex(where: isVisible)
        else {
            throw Problem.invalidRequest(
                "The field 'name' must have 1 to 100 characters, and not only whitespace.")
        }
        return String(sent[first...last])
    }

    func checkedScopes() throws -> Set<APIKey.Scope> {
        guard !scopes.isEmpty else {
            throw Problem.invalidRequest(
                "The field 'scopes' must list one or more of upload, read and write.")
        }
        var checked: Set<APIKey.Scope> = []
        for text in scopes {
            guard let scope = APIKey.Scope(rawValue: text) else {
                throw Problem.invalidValue("scopes", text, "is not upload, read or write.")
            }
            checked.insert(scope)
        }
        return checked
    }

    func checkedExpiry(after now: Timestamp) throws -> Timestamp? {
        guard let expiresAt else { return nil }
        guard let moment = Timestamp(rfc3339: expiresAt), moment > now else {
            throw Problem.invalidValue(
                "expiresAt", expiresAt, "is not a future time such as 2040-01-31T12:00:00Z.")
        }
        return moment
    }
}

struct KeyEntry: Encodable {
    let id: Identifier<APIKey>
    let name: String
    let scopes: [String]
    let createdAt: Timestamp
    @Nullable var expiresAt: Timestamp?
    @Nullable var usedAt: Timestamp?

    init(_ key: APIKey) {
        id = key.id
        name = key.name
        scopes = key.scopes.map(\.rawValue).sorted()
        createdAt = key.createdAt
        _expiresAt = Nullable(wrappedValue: key.expiresAt)
        _usedAt = Nullable(wrappedValue: key.usedAt)
    }
}

private struct MadeKey: Encodable {
    private enum CodingKeys: CodingKey { case key }

    let key: String
    let entry: KeyEntry

    func encode(to encoder: any Encoder) throws {
        try entry.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
    }
}
