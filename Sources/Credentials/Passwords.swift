import Cryptography
import Foundation

/// The result of comparing a password with a stored hash.
public enum PasswordMatch: Sendable {
    case wrong
    case right
    /// Right, but the hash has other parameters than new ones, or is not of the NFC form: hash the password
    /// again.
    case outdated
}

/// Hashes and checks passwords, in the form of a PHC string:
/// `$scrypt$ln=17,r=8,p=1$<salt, 16 bytes>$<hash, 32 bytes>` in unpadded base64.
///
/// The UTF-8 of the password in NFC is hashed (RFC 8265, section 4.2.2), because keyboards differ in how
/// they compose `é`. Earlier versions hashed the password as received, so that form is tried too if it
/// differs.
public struct Passwords: Sendable {
    private let scrypt: Scrypt
    private let slots: HashSlots

    public init(scrypt: Scrypt, slots: HashSlots) {
        self.scrypt = scrypt
        self.slots = slots
    }

    /// Throws `HashingBusy`.
    public func hash(_ password: String, for claim: HashClaim? = nil) throws -> String {
        let salt = SecureRandom.bytes(16)
        let hash = try slots.withSlot(claim) { try derive(Self.normalized(password), salt, scrypt) }
        return StoredHash(scrypt: scrypt, salt: salt, hash: hash).text
    }

    /// `wrong` for another password, and if `text` is not such a string. Throws `HashingBusy`.
    public func verify(
        _ password: String, against text: String, for claim: HashClaim? = nil
    ) throws -> PasswordMatch {
        guard let stored = StoredHash(text) else { return .wrong }
        return try slots.withSlot(claim) {
            for (index, form) in Self.forms(password).enumerated() {
                let hash = try derive(form, stored.salt, stored.scrypt)
                guard constantTimeEqual(hash, stored.hash) else { continue }
                return index == 0 && stored.scrypt == scrypt ? .right : .outdated
            }
            return .wrong
        }
    }

    /// Takes as long as `verify`, for an email without an account, so that the time of a login does not show
    /// whether the account exists. Throws `HashingBusy`.
    public func verifyAgainstDummyHash(_ password: String, for claim: HashClaim? = nil) throws {
        try slots.withSlot(claim) {
            for form in Self.forms(password) {
                _ = try derive(form, [UInt8](repeating: 0, count: 16), scrypt)
            }
        }
    }

    static func normalized(_ password: String) -> [UInt8] {
        Array(password.precomposedStringWithCanonicalMapping.utf8)
    }

    private static func forms(_ password: String) -> [[UInt8]] {
        let (normalized, raw) = (normalized(password), Array(password.utf8))
        return normalized == raw ? [raw] : [normalized, raw]
    }

    private func derive(_ password: [UInt8], _ salt: [UInt8], _ scrypt: Scrypt) throws -> [UInt8] {
        try scrypt.derive(password, salt: salt, length: 32)
    }
}

/// The parts of the PHC string.
private struct StoredHash {
    let scrypt: Scrypt
    let salt: [UInt8]
    let hash: [UInt8]

    init(scrypt: Scrypt, salt: [UInt8], hash: [UInt8]) {
        self.scrypt = scrypt
        self.salt = salt
        self.hash = hash
    }

    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
            let scrypt = Scrypt(parsing: String(parts[2])),
            let salt = Base64.standard.decode(parts[3]), salt.count == 16,
            let hash = Base64.standard.decode(parts[4]), hash.count == 32
        else { return nil }
        self.init(scrypt: scrypt, salt: salt, hash: hash)
    }

    var text: String {
        "$scrypt$\(scrypt)$\(Base64.standard.encode(salt))$\(Base64.standard.encode(hash))"
    }
}
