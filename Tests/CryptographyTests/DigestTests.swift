import Support
import Testing
import Text

@testable import Cryptography

@Suite struct DigestTests {
    @Test(
        "SHA-256 gives the digests of FIPS 180-2, appendix B",
        arguments: [
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ])
    func sha256(text: String, digest: String) {
        #expect(SHA256.of(bytes(text)).hex == digest)
    }

    @Test("Bytes in pieces have the digest of the whole, and `finish` resets the digest")
    func pieces() {
        var digest = SHA256()
        for byte in bytes("abc") { digest.update([byte]) }
        digest.update([])
        #expect(digest.finish() == SHA256.of(bytes("abc")))
        digest.update(bytes("abc"))
        #expect(digest.finish() == SHA256.of(bytes("abc")))
    }

    @Test(
        "MD5 gives the digests of RFC 1321, appendix A.5",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ])
    func md5(text: String, digest: String) {
        var md5 = MD5()
        // Twice, because one object is used for many digests.
        for _ in 0..<2 {
            #expect(bytes(text).withUnsafeBytes { md5.digest(of: $0) }.hex == digest)
        }
    }

    @Test("HMAC signs the example of RFC 7515, appendix A.1, as printed there")
    func hmac() throws {
        let key = try #require(
            Base64URL.decode(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_"
                    + "T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
            ))
        let input =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
            + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        #expect(
            Base64URL.encode(HMACSHA256.of(bytes(input), key: key))
                == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    }

    @Test("Only equal bytes compare as equal, not a changed or an additional byte")
    func equality() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 3, 0]))
    }
}
