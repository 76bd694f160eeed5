import Foundation
import Model
import Testing

@testable import Credentials

@Suite struct LoginKeysTests {
    private let keys: LoginKeys

    init() throws {
        keys = LoginKeys(try Self.secrets("r"))
    }

    private static func secrets(_ refresh: Character) throws -> Secrets {
        func secret(_ letter: Character) -> String { String(repeating: letter, count: 32) }
        return try Secrets(
            environment: [
                "JWT_SECRET": secret("a"), "JWT_REFRESH_SECRET": secret(refresh),
                "MULTIRES_LINK_SECRET": secret("l"),
            ], file: "/none")
    }

    @Test(
        "All spellings of an account's email count as the same account",
        arguments: ["jane@example.org", " Jane@EXAMPLE.org\n", "JANE@example.ORG"])
    func spellings(email: String) {
        let attempt = keys.attempt(email: email, address: "192.0.2.1")
        #expect(attempt == keys.attempt(email: "jane@example.org", address: "192.0.2.1"))
    }

    @Test("Unicode spellings of an account's email count as the same account")
    func unicode() {
        let composed = keys.attempt(email: "jos\u{E9}@b\u{FC}cher.org", address: "192.0.2.1")
        let other = keys.attempt(email: "JOSE\u{301}@xn--bcher-kva.org", address: "192.0.2.1")
        #expect(composed == other)
    }

    @Test("A known device is counted separately, at any address")
    func devices() {
        let here = keys.attempt(email: "a@x.org", address: "192.0.2.1", device: "d")
        let there = keys.attempt(email: "a@x.org", address: "192.0.2.2", device: "d")
        #expect(here.isKnownDevice)
        #expect(here.pair == there.pair)
        for (email, device) in [("a@x.org", nil), ("a@x.org", "e"), ("b@x.org", "d")] {
            let other = keys.attempt(email: email, address: "192.0.2.1", device: device)
            #expect(other.pair != here.pair)
        }
    }

    @Test("Different accounts, addresses, pairs and secrets have different keys")
    func apart() throws {
        let one = keys.attempt(email: "a@x.org", address: "192.0.2.1")
        let other = keys.attempt(email: "b@x.org", address: "192.0.2.1")
        let elsewhere = keys.attempt(email: "a@x.org", address: "192.0.2.2")
        let foreign = LoginKeys(try Self.secrets("q"))
            .attempt(email: "a@x.org", address: "192.0.2.1")
        #expect(one.address == other.address)
        #expect(one.account == elsewhere.account)
        #expect(one.account != foreign.account)
        let all = [one, other, elsewhere].flatMap { [$0.account, $0.address, $0.pair] }
        #expect(Set(all).count == 7)
        #expect(all.allSatisfy { $0.count == 32 })
    }

    @Test(
        "An IPv6 address counts by its first 64 bits, an IPv4-mapped one as its IPv4 address",
        arguments: [
            ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
            ("2001:db8:1:2::1", "2001:0DB8:1:2::2", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false), ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false), ("", "", true),
        ])
    func networks(first: String, second: String, areOne: Bool) {
        #expect((LoginKeys.network(of: first) == LoginKeys.network(of: second)) == areOne)
    }
}
