/// Hashes and checks passwords, exactly as their bytes came, in the form of a PHC string:
/// `$scrypt$ln=17,r=8,p=1$<salt, 16 bytes>$<hash, 32 bytes>` in unpadded base64.
public struct Passwords: Sendable {
    private let scrypt: Scrypt
    private let slots: HashSlots

    public init(scrypt: Scrypt, slots: HashSlots) {
        self.scrypt = scrypt
        self.slots = slots
    }

    /// Throws `HashingBusy`.
    public func hash(_ password: String) throws -> String {
        let salt = SecureRandom.bytes(16)
        let hash = try slots.withSlot { try derive(password, salt, scrypt) }
        return StoredHash(scrypt: scrypt, salt: salt, hash: hash).text
    }

    /// False for another password, and for a text that is no such string. Throws `HashingBusy`.
    public func verify(_ password: String, against text: String) throws -> Bool {
        guard let stored = StoredHash(text) else { return false }
        let hash = try slots.withSlot { try derive(password, stored.salt, stored.scrypt) }
        return constantTimeEqual(hash, stored.hash)
    }

    /// Costs what `verify` costs, for an email that nobody has: the answer to a login then says
    /// nothing by its time. Throws `HashingBusy`.
    public func verifyAgainstNobody(_ password: String) throws {
        _ = try slots.withSlot { try derive(password, [UInt8](repeating: 0, count: 16), scrypt) }
    }

    /// Whether it was made with other parameters than new ones are: hash again at the next login.
    public func needsRehash(_ text: String) -> Bool {
        StoredHash(text)?.scrypt != scrypt
    }

    private func derive(_ password: String, _ salt: [UInt8], _ scrypt: Scrypt) throws -> [UInt8] {
        try scrypt.derive(Array(password.utf8), salt: salt, length: 32)
    }
}

/// The PHC string's parts.
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
