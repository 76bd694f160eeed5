import Cryptography

/// The JWS compact serialization (RFC 7515, section 3.1) with HS256 (RFC 7518, section 3.2) of one
/// type of token.
///
/// A token's header is never interpreted: it must be one of the few texts that this type would write, and
/// these determine algorithm, type and key (RFC 8725, sections 3.1 and 3.11). A token with another `alg`,
/// an unknown `kid`, a `crit` or `jku`, or another order of members was not issued here and is refused.
struct SignedToken: Sendable {
    private let signingHeader: String
    /// Secrets by the encoded header that names their key.
    private let secrets: [String: [UInt8]]

    /// - Parameter type: the header's `typ`.
    init(type: String, keys: SigningKeys) {
        func header(_ id: String) -> String {
            Base64URL.encode(
                FlatJSON.write(["alg": .text("HS256"), "kid": .text(id), "typ": .text(type)]))
        }
        signingHeader = header(keys.current.id)
        secrets = Dictionary(
            uniqueKeysWithValues: keys.accepted.map { (header($0.id), Array($0.secret.utf8)) })
    }

    func sign(_ claims: KeyValuePairs<String, FlatJSON.Value>) -> String {
        let input = "\(signingHeader).\(Base64URL.encode(FlatJSON.write(claims)))"
        // `!`: the header and the table are made from the same keys, so the table has the header.
        return "\(input).\(signature(of: input, secrets[signingHeader]!))"
    }

    /// The claims, decoded only after the signature has been checked; nil if it is wrong.
    func open(_ token: String) -> FlatJSON? {
        // Our tokens have less than 1 KiB, with the longest email less than 3 KiB.
        guard token.utf8.count <= 4096, token.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map(Substring.init)
        guard parts.count == 3, let secret = secrets[String(parts[0])] else { return nil }
        // Compares the encoded texts, so that a signature has only one spelling.
        let expected = signature(of: "\(parts[0]).\(parts[1])", secret)
        guard constantTimeEqual(Array(parts[2].utf8), Array(expected.utf8)) else { return nil }
        return Base64URL.decode(parts[1]).flatMap(FlatJSON.init)
    }

    private func signature(of input: String, _ secret: [UInt8]) -> String {
        Base64URL.encode(HMACSHA256.of(Array(input.utf8), key: secret))
    }
}
