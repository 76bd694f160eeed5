import Cryptography

/// The JWS compact serialization (RFC 7515, section 3.1) with HS256 (RFC 7518, section 3.2) of one
/// type of token.
///
/// A token's header is never interpreted: it must be one of the few texts that would be written
/// here, which decide algorithm, type and key (RFC 8725, sections 3.1 and 3.11). Another `alg`, an
/// unknown `kid`, a `crit` or `jku`, and another order of members are all refused as "not ours".
struct SignedToken: Sendable {
    private let signingHeader: String
    /// Secrets by the header, encoded, that names them.
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
        // Made of `keys` as the table is, so it is in there.
        return "\(input).\(signature(of: input, secrets[signingHeader]!))"
    }

    /// The claims, when the signature is right; they are not looked at before.
    func open(_ token: String) -> FlatJSON? {
        // Ours are under 1 KiB, with the longest email under 3.
        guard token.utf8.count <= 4096, token.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map(Substring.init)
        guard parts.count == 3, let secret = secrets[String(parts[0])] else { return nil }
        // Texts are compared, so a signature has one spelling.
        let expected = signature(of: "\(parts[0]).\(parts[1])", secret)
        guard constantTimeEqual(Array(parts[2].utf8), Array(expected.utf8)) else { return nil }
        return Base64URL.decode(parts[1]).flatMap(FlatJSON.init)
    }

    private func signature(of input: String, _ secret: [UInt8]) -> String {
        Base64URL.encode(HMACSHA256.of(Array(input.utf8), key: secret))
    }
}
