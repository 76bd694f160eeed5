import Cryptography
import Model
import Text

/// The keys of one setting: the current one, which signs, and earlier ones, which still verify.
///
/// The setting is either one secret, or `id:secret,id2:secret2` with the current key first. Ids
/// match `^[a-z0-9-]{1,32}$`; a secret has at least 32 bytes (RFC 7518, section 3.2), none of them
/// a colon or a comma.
///
/// A secret without an id gets one that is derived from it, and every key is also accepted under its
/// derived id. So `old-secret` may become `new:new-secret,old:old-secret`, and what was signed before
/// still verifies. Remove `old:…` when everything that it signed has expired. Never give an id to another
/// secret.
public struct SigningKeys: Sendable {
    public struct Key: Sendable {
        public let id: String
        public let secret: String
    }

    public let current: Key
    /// Every id that a signature may name, with its secret; the current key comes first.
    public let accepted: [Key]

    /// - Parameter name: the setting's name, for the message of a `ConfigurationError`.
    public init(_ text: String, name: String) throws {
        let isList = text.utf8.contains { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ",") }
        let entries = text.parts(separatedBy: ",")
        var keys: [Key] = []
        for entry in entries {
            let parts = entry.parts(separatedBy: ":")
            guard parts.count == (isList ? 2 : 1), !isList || Self.isID(parts[0]) else {
                throw ConfigurationError(
                    "\(name) must be one secret without colons and commas, or "
                        + "id:secret,id2:secret2 with ids of 1 to 32 lower-case letters, digits "
                        + "and hyphens.")
            }
            let secret = String(parts[parts.count - 1])
            guard secret.utf8.count >= 32 else {
                throw ConfigurationError(
                    "\(name) has a secret of "
                        + "\(HumanReadable.count(secret.utf8.count, "byte")). Use 32 bytes or "
                        + "more, such as the output of openssl rand -hex 32.")
            }
            let key = Key(
                id: isList ? String(parts[0]) : Self.derivedID(of: secret), secret: secret)
            guard !keys.contains(where: { $0.id == key.id || $0.secret.isSame(as: key.secret) })
            else {
                throw ConfigurationError("\(name) has the same id or the same secret twice.")
            }
            keys.append(key)
        }
        current = keys[0]
        let aliases = keys.map { Key(id: Self.derivedID(of: $0.secret), secret: $0.secret) }
        accepted = keys + aliases.filter { alias in !keys.contains { $0.id == alias.id } }
    }

    /// Other keys with the same ids, one derived from each secret, for tokens that must not be accepted as
    /// tokens of these keys.
    func derived(for purpose: String) -> SigningKeys {
        SigningKeys(
            accepted: accepted.map { key in
                let secret = HMACSHA256.of(Array(purpose.utf8), key: Array(key.secret.utf8))
                return Key(id: key.id, secret: Base64URL.encode(secret))
            })
    }

    private init(accepted: [Key]) {
        self.accepted = accepted
        current = accepted[0]
    }

    /// 16 hexadecimal digits that are always the same for a secret and do not reveal it.
    private static func derivedID(of secret: String) -> String {
        HMACSHA256.of(Array("multires key id".utf8), key: Array(secret.utf8)).prefix(8).hex
    }

    private static func isID(_ text: Substring) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
            }
    }
}
