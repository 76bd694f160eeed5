import COpenSSL

/// The only owner of an OpenSSL digest context. Not private: with a private type as a stored property of
/// public types, release builds had an undefined symbol (Swift 6.3).
struct DigestContext: ~Copyable {
    let pointer: OpaquePointer

    init() {
        guard let pointer = EVP_MD_CTX_new() else { fatalError("EVP_MD_CTX_new: out of memory") }
        self.pointer = pointer
    }

    deinit {
        EVP_MD_CTX_free(pointer)
    }

    func begin(_ algorithm: OpaquePointer?) {
        let begun = EVP_DigestInit_ex(pointer, algorithm, nil)
        precondition(begun == 1)
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
        let updated = EVP_DigestUpdate(pointer, bytes.baseAddress, bytes.count)
        precondition(updated == 1)
    }

    /// Writes the digest into `digest`, which must have its length.
    func finish(into digest: UnsafeMutableBufferPointer<UInt8>) {
        let finished = EVP_DigestFinal_ex(pointer, digest.baseAddress, nil)
        precondition(finished == 1)
    }
}

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces. A digest has 32 bytes.
public struct SHA256: ~Copyable {
    private let context = DigestContext()

    public init() {
        context.begin(EVP_sha256())
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        context.update(bytes)
    }

    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of all bytes since the beginning, or since the last `finish`.
    public mutating func finish() -> [UInt8] {
        defer { context.begin(EVP_sha256()) }
        return [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
            context.finish(into: digest)
            count = 32
        }
    }

    public static func of(_ bytes: [UInt8]) -> [UInt8] {
        var digest = SHA256()
        digest.update(bytes)
        return digest.finish()
    }
}

/// MD5 (RFC 1321), 16 bytes. It is broken, but nginx's `secure_link` supports no other digest. There the
/// digest includes a secret, so an attacker would need a preimage, which cannot be computed in practice;
/// collisions do not help.
public struct MD5: ~Copyable {
    private let context = DigestContext()

    public init() {}

    /// Passes the digest to `use`; it is valid only during that call. A list needs a hundred digests, and
    /// allocating an Array for each would take a considerable part of the time.
    public mutating func withDigest<Result>(
        of bytes: UnsafeRawBufferPointer, _ use: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        context.begin(Self.algorithm)
        context.update(bytes)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { digest in
            context.finish(into: digest)
            return use(UnsafeRawBufferPointer(digest))
        }
    }

    public mutating func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        withDigest(of: bytes) { [UInt8]($0) }
    }

    // Fetched once: OpenSSL 3 searches its providers at every use of EVP_md5(), which takes longer than
    // the digest. Never freed. `nonisolated(unsafe)` is safe because nothing changes what it points to.
    private static nonisolated(unsafe) let algorithm = EVP_MD_fetch(nil, "MD5", nil) ?? EVP_md5()
}

/// HMAC with SHA-256 (RFC 2104), 32 bytes.
package enum HMACSHA256 {
    package static func of(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            let made = HMAC(
                EVP_sha256(), key, Int32(key.count), bytes, bytes.count, buffer.baseAddress, nil)
            precondition(made != nil)
            count = 32
        }
    }
}

/// Compares in a time that does not depend on where the bytes differ, or whether they do. Only a difference
/// in length shows in the time.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
