import API
import Credentials
import Foundation
import Gateway
import Model

extension AuthResponder {
    /// More than one for every machine a person looks after, and a list that stays one page.
    private static let mostKeys = 50

    /// POST /api/auth/keys: the answer is the only place where the key itself is ever shown.
    func makeKey(_ request: Request, _: Parameters) throws -> Response {
        let session = try authenticator.session(of: request)
        let asked = try request.json(NewKey.self)
        let now = Timestamp.now()
        let key = APIKey(
            id: Identifier(at: now), account: session.account.id, name: try asked.checkedName(),
            scopes: try asked.checkedScopes(), createdAt: now,
            expiresAt: try asked.checkedExpiry(after: now))
        let (text, digest) = APIKey.make()
        guard try catalog.accounts.add(key, digest: digest, limit: Self.mostKeys, by: session.id)
        else {
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
            try ballast.makingRoom(
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

    /// `expiresAt` may be null but not missing: a key for ever is somebody's decision.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        scopes = try container.decode([String].self, forKey: .scopes)
        expiresAt = try container.decode(String?.self, forKey: .expiresAt)
    }

    func checkedName() throws -> String {
        // Code points, as JSON Schema counts `maxLength`, and blank by Unicode's White_Space, as the
        // pattern in www/openapi.json lists it.
        let isInk = { (scalar: Unicode.Scalar) in !scalar.properties.isWhitespace }
        let sent = name.unicodeScalars
        guard sent.count <= 100, let first = sent.firstIndex(where: isInk),
            let last = sent.lastIndex(where: isInk)
        else {
            throw Problem.invalidRequest("name must have 1 to 100 characters, not only blanks.")
        }
        return String(sent[first...last])
    }

    func checkedScopes() throws -> Set<APIKey.Scope> {
        let known = scopes.compactMap(APIKey.Scope.init)
        guard !known.isEmpty, known.count == scopes.count else {
            throw Problem.invalidRequest("scopes must be one or more of upload, read and write.")
        }
        return Set(known)
    }

    func checkedExpiry(after now: Timestamp) throws -> Timestamp? {
        guard let expiresAt else { return nil }
        guard let moment = Timestamp(rfc3339: expiresAt), moment > now else {
            throw Problem.invalidRequest(
                "expiresAt must be null, or a time to come such as 2040-01-31T12:00:00Z.")
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
