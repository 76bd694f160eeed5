import COpenSSL

/// OpenSSL's random generator, which the kernel seeds (RAND_bytes(3)).
public enum SecureRandom {
    public static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            // Fails only without a working source of randomness, and then the program must stop.
            let filled = RAND_bytes(buffer.baseAddress, Int32(count))
            precondition(filled == 1, "RAND_bytes failed")
            initialized = count
        }
    }

    /// `bytes` random bytes as base64url: 16 of them are 22 characters.
    public static func text(bytes count: Int) -> String {
        Base64URL.encode(bytes(count))
    }
}
