import Model
import Support
import Testing

@testable import Credentials

@Suite struct APIKeyTests {
    @Test("A new key has the documented form, and its digest can be computed from its text")
    func make() {
        let key = APIKey.make()
        #expect(key.text.wholeMatch(of: /mr_[0-9A-Za-z]{36}/) != nil)
        #expect(APIKey.digest(of: key.text) == key.digest)
        #expect(key.digest.count == 32)
        #expect(Set((0..<100).map { _ in APIKey.make().text }).count == 100)
    }

    @Test("A key expires exactly at its expiry time; a key without one never expires")
    func expiry() {
        func key(expiresAt: Timestamp?) -> APIKey {
            APIKey(
                id: Identifier(), account: Identifier(), name: "key", scopes: [.read],
                createdAt: Timestamp(milliseconds: 0), expiresAt: expiresAt)
        }
        let end = Timestamp(milliseconds: 1_000_000)
        #expect(!key(expiresAt: end).hasExpired(at: Timestamp(milliseconds: 999_999)))
        #expect(key(expiresAt: end).hasExpired(at: end))
        #expect(!key(expiresAt: nil).hasExpired(at: Timestamp(milliseconds: .max / 2)))
    }

    @Test("The checksum detects a wrong character at any position")
    func typos() {
        let text = Array(APIKey.make().text)
        for position in text.indices {
            var typo = text
            typo[position] = typo[position] == "x" ? "y" : "x"
            #expect(APIKey.digest(of: String(typo)) == nil)
        }
    }

    @Test("The checksum detects two swapped neighbouring characters")
    func swaps() {
        let text = Array(APIKey.make().text)
        for position in text.indices.dropLast() where text[position] != text[position + 1] {
            var typo = text
            typo.swapAt(position, position + 1)
            #expect(APIKey.digest(of: String(typo)) == nil)
        }
    }

    @Test(
        "Text that cannot be a key is refused",
        arguments: [
            "", "mr_", "mr_000000000000000000000000000000",
            "MR_0000000000000000000000000000000000000",
            "mr_00000000000000000000000000000000000\0", "mr_éééééééééééééééééé",
        ])
    func refused(text: String) {
        #expect(APIKey.digest(of: text) == nil)
        #expect(APIKey.digest(of: APIKey.make().text + " " + text) == nil)
    }

    @Test("The checksum is the standard CRC-32 and has its check value")
    func crc() {
        #expect(APIKey.crc32(bytes("123456789")) == 0xCBF4_3926)
    }
}
