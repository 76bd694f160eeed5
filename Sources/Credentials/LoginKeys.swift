import Cryptography
import Glibc
import Model

/// Identifies login attempts without revealing whose they are: HMACs of email and address, with a key
/// derived from the secret of refresh tokens. An attacker who has only the database can neither read them
/// nor test emails against them. A new secret resets all counts.
public struct LoginKeys: Sendable {
    private let key: [UInt8]

    public init(_ secrets: Secrets) {
        key = HMACSHA256.of(
            Array("multires login attempts".utf8), key: Array(secrets.refresh.current.secret.utf8))
    }

    /// - Parameters:
    ///   - email: as typed. All spellings that belong to one account give the same result.
    ///   - address: the client's, as the web server saw it.
    ///   - device: the id in a device token that is valid for the account.
    public func attempt(email: String, address: String, device: String? = nil) -> LoginAttempt {
        let account = EmailAddress.canonical(email)
        let network = Self.network(of: address)
        return LoginAttempt(
            account: digest("account", account), address: digest("address", network),
            pair: device.map { digest("device", account, $0) } ?? digest("pair", account, network),
            isKnownDevice: device != nil)
    }

    /// An IPv4 address unchanged, also if it is mapped into IPv6 (RFC 4291, section 2.5.5.2); of an IPv6
    /// address the first 64 bits, because one customer has all addresses with that prefix (RFC 6177).
    static func network(of address: String) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        if bytes.starts(with: mapped) {
            return bytes.suffix(4).map { String($0) }.joined(separator: ".")
        }
        return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":") + "/64"
    }

    /// No valid email and no address has a NUL, so different lists of parts give different texts.
    private func digest(_ parts: String...) -> [UInt8] {
        HMACSHA256.of(Array(parts.joined(separator: "\0").utf8), key: key)
    }
}
