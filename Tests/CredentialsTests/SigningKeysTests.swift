import Model
import Testing

@testable import Credentials

let secretA = "a-secret-of-at-least-32-bytes-AAAAAAAA"
let secretB = "a-secret-of-at-least-32-bytes-BBBBBBBB"

@Suite struct SigningKeysTests {
    @Test("A single secret is a key whose id it gives itself, always the same and not the secret")
    func single() throws {
        let keys = try SigningKeys(secretA, name: "JWT_SECRET")
        #expect(keys.current.secret == secretA)
        #expect(keys.current.id == (try SigningKeys(secretA, name: "X")).current.id)
        #expect(keys.current.id != (try SigningKeys(secretB, name: "X")).current.id)
        #expect(keys.current.id.wholeMatch(of: /[0-9a-f]{16}/) != nil)
        #expect(keys.accepted.count == 1)
    }

    @Test("In a list the first key is current, and each answers to its own and its derived id")
    func list() throws {
        let keys = try SigningKeys("new:\(secretB),old-1:\(secretA)", name: "JWT_SECRET")
        #expect(keys.current.id == "new")
        let derived = try SigningKeys(secretA, name: "X").current.id
        let secrets = Dictionary(uniqueKeysWithValues: keys.accepted.map { ($0.id, $0.secret) })
        #expect(secrets["new"] == secretB)
        #expect(secrets["old-1"] == secretA)
        #expect(secrets[derived] == secretA)
        #expect(secrets.count == 4)
    }

    @Test(
        "A setting that cannot be used is refused in one sentence that names it but no secret",
        arguments: [
            "", "short", String(repeating: "x", count: 31), ":\(secretA)", "new:", "new:short",
            "\(secretA),\(secretB)", "new:\(secretA),\(secretB)", "new:\(secretA),",
            ",new:\(secretA)", "New:\(secretA)", "a b:\(secretA)", "a_b:\(secretA)",
            "\(String(repeating: "i", count: 33)):\(secretA)", "a:b:\(secretA)",
            "a:\(secretA),a:\(secretB)", "a:\(secretA),b:\(secretA)",
        ])
    func refused(text: String) {
        let mistake = #expect(throws: Unusable.self) {
            try SigningKeys(text, name: "JWT_SECRET")
        }
        let sentence = mistake?.description ?? ""
        #expect(sentence.hasPrefix("JWT_SECRET ") && sentence.hasSuffix("."))
        #expect(!sentence.contains("AAAA") && !sentence.contains("BBBB"))
    }
}
