import Credentials
import Cryptography
import Model
import Text

/// Checks the addresses of `SignedURL` as nginx's `secure_link` does, for servers without nginx.
public struct LinkCheck: Sendable {
    /// Secrets by the key's id. An unknown id has no secret, not an empty one, with which anyone could sign.
    private let secrets: [String: String]

    public init(keys: SigningKeys) {
        secrets = Dictionary(keys.accepted.map { ($0.id, $0.secret) }) { first, _ in first }
    }

    public enum Fault: Sendable {
        case invalid
        /// The signature is right, but the link has expired.
        case expired
    }

    /// The query parameters of a link; each is nil if the query does not have it.
    public struct Claim: Sendable {
        public let key: String?
        public let expires: String?
        public let signature: String?
        public let name: String?

        public init(key: String?, expires: String?, signature: String?, name: String?) {
            (self.key, self.expires, self.signature, self.name) = (key, expires, signature, name)
        }
    }

    /// Nil for a valid link.
    ///
    /// - Parameter path: the requested path, decoded.
    public func fault(of claim: Claim, for path: String, at now: Timestamp) -> Fault? {
        guard let secret = claim.key.flatMap({ secrets[$0] }), !secret.isEmpty,
            let text = claim.expires, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let expires = Int64(text), let signature = claim.signature
        else { return .invalid }
        var digest = MD5()
        let right = Array(path.utf8).withUnsafeBufferPointer { path in
            digest.withSignature(
                of: path, expires: String(expires),
                name: percentEncoded(claim.name ?? ""), secret
            ) { Base64URL.encode(Array($0)) }
        }
        guard constantTimeEqual(Array(right.utf8), Array(signature.utf8)) else { return .invalid }
        return expires < now.seconds ? .expired : nil
    }
}
