import Credentials
import Cryptography
import Model
import Text

/// What nginx's `secure_link` does with the addresses of `SignedURL`, for where no nginx stands in
/// front.
public struct LinkCheck: Sendable {
    /// By the key's id. An id that is not here has no secret, not an empty one: with that, anyone
    /// could sign.
    private let secrets: [String: String]

    public init(keys: SigningKeys) {
        secrets = Dictionary(keys.accepted.map { ($0.id, $0.secret) }) { first, _ in first }
    }

    public enum Fault: Sendable {
        case invalid
        /// It was right once.
        case expired
    }

    /// What the query of a link says; each nil when it is not there.
    public struct Claim: Sendable {
        public let key: String?
        public let expires: String?
        public let signature: String?
        public let name: String?

        public init(key: String?, expires: String?, signature: String?, name: String?) {
            (self.key, self.expires, self.signature, self.name) = (key, expires, signature, name)
        }
    }

    /// Nil for a link that is good.
    ///
    /// - Parameter path: decoded, as it was asked for.
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
