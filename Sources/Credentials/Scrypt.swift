import COpenSSL
import Model

/// scrypt (RFC 7914) and its cost.
public struct Scrypt: Hashable, Sendable {
    /// log2 of N: 10 to 20. OWASP recommends 17 with p = 1, 16 with 2, 15 with 3 and 14 with 5, each with
    /// r = 8. Use less only in tests.
    public let logN: Int
    /// Block size: 1 to 32.
    public let r: Int
    /// Parallelization: 1 to 16.
    public let p: Int

    public init?(logN: Int, r: Int, p: Int) {
        // At most 1 GiB of memory, so that no stored hash can demand more than the machine has.
        guard (10...20).contains(logN), (1...32).contains(r), (1...16).contains(p),
            128 * r << logN <= 1 << 30
        else { return nil }
        self.logN = logN
        self.r = r
        self.p = p
    }

    /// - Parameter setting: as in a PHC string, `ln=17,r=8,p=1`. Throws `ConfigurationError`.
    public init(setting: String) throws {
        guard let scrypt = Self(parsing: setting) else {
            throw ConfigurationError(
                "MULTIRES_SCRYPT: \"\(setting)\" is not valid. Use a value like "
                    + "ln=17,r=8,p=1, with ln from 10 to 20, r from 1 to 32, p from 1 to 16, and "
                    + "128·r·2^ln at most 1 GiB.")
        }
        self = scrypt
    }

    /// Nil for a text that `description` does not write.
    init?(parsing text: String) {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { Int($0.drop { $0 != "=" }.dropFirst()) ?? -1 }
        guard numbers.count == 3,
            let scrypt = Self(logN: numbers[0], r: numbers[1], p: numbers[2]),
            scrypt.description == text
        else { return nil }
        self = scrypt
    }

    func derive(_ password: [UInt8], salt: [UInt8], length: Int) throws -> [UInt8] {
        try Self.derive(password, salt: salt, n: 1 << logN, r: r, p: p, length: length)
    }

    /// EVP_PBE_scrypt(3): "maxmem" is 32 MiB by default, and N = 2^15 with r = 8 needs more.
    /// Throws `HashingBusy` if the machine does not have that memory free.
    static func derive(
        _ password: [UInt8], salt: [UInt8], n: Int, r: Int, p: Int, length: Int
    ) throws -> [UInt8] {
        let memory = UInt64(128 * r * (n + p + 2))
        return try [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            let derived = password.withUnsafeBytes { password in
                EVP_PBE_scrypt(
                    password.baseAddress, password.count, salt, salt.count, UInt64(n), UInt64(r),
                    UInt64(p), memory, buffer.baseAddress, length)
            }
            // The parameters are in range, so it can only fail because memory is short.
            guard derived == 1 else { throw HashingBusy() }
            count = length
        }
    }
}

extension Scrypt: CustomStringConvertible {
    public var description: String { "ln=\(logN),r=\(r),p=\(p)" }
}
