import Model
import Testing

@testable import Credentials

let secretA = "a-secret-of-at-least-32-bytes-AAAAAAAA"
let secretB = "a-secret-of-at-least-32-bytes-BBBBBBBB"

@Suite struct SigningKeysTests {
    @Test("A single secret gets an id that is derived from it, stable and not the secret itself")
    func single() throws {
        let keys = try SigningKeys(secretA, name: "JWT_SECRET")
        #expect(keys.current.secret == secretA)
        #expect(keys.current.id == (try SigningKeys(secretA, name: "X")).current.id)
        #expect(keys.current.id != (try SigningKeys(secretB, name: "X")).current.id)
        #expect(keys.current.id.wholeMatch(of: /[0-9a-f]{16}/) != nil)
        #expect(keys.accepted.count == 1)
    }

    @Test("In a list the first key is current, and each has its given and its derived id")
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
        "An invalid setting is refused in one sentence that names it but shows no secret",
        arguments: [
            "", "short", String(repeating: "x", count: 31), ":\(secretA)", "new:", "new:short",
            "\(secretA),\(secretB)", "new:\(secretA),\(secretB)", "new:\(secretA),",
            ",new:\(secretA)", "New:\(secretA)", "a b:\(secretA)", "a_b:\(secretA)",
            "\(String(repeating: "i", count: 33)):\(secretA)", "a:b:\(secretA)",
            "a:\(secretA),a:\(secretB)", "a:\(secretA),b:\(secretA)",
        ])
    func refused(text: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try SigningKeys(text, name: "JWT_SECRET")
        }
        let sentence = error?.description ?? ""
        #expect(sentence.hasPrefix("JWT_SECRET ") && sentence.hasSuffix("."))
        #expect(!sentence.contains("AAAA") && !sentence.contains("BBBB"))
    }
}
