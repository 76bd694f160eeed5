import Model
import Support
import Testing

@Suite("AccountStore contract: API keys")
struct KeyContract {
    let sites = TemporaryCatalogs()

    @Test(
        "A key is found by its digest, unchanged and with its account",
        arguments: Implementation.allCases)
    func finds(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        let key = APIKey(of: account, name: "camera", scopes: [.upload, .read], expiresAt: noon)
        #expect(try store.accounts.add(key, digest: digest(1), limit: 9))
        let found = try #require(try store.accounts.key(digest: digest(1)))
        #expect(found.account.id == account)
        #expect(found.key.id == key.id)
        #expect(found.key.account == account)
        #expect(found.key.name == "camera")
        #expect(found.key.scopes == [.upload, .read])
        #expect(found.key.createdAt == noon)
        #expect(found.key.expiresAt == noon)
        #expect(found.key.usedAt == nil)
        #expect(try store.accounts.key(digest: digest(2)) == nil)
    }

    @Test("The last use of a key is stored", arguments: Implementation.allCases)
    func remembersUse(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let key = APIKey(of: try store.accounts.registerAccount())
        #expect(try store.accounts.add(key, digest: digest(1), limit: 9))
        try store.accounts.use(key.id, at: noon + .seconds(60))
        #expect(try store.accounts.key(digest: digest(1))?.key.usedAt == noon + .seconds(60))
    }

    @Test("An account's keys are listed, newest first", arguments: Implementation.allCases)
    func lists(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        for second in 1...3 {
            let key = APIKey(of: account, name: "\(second)", at: noon + .seconds(second))
            #expect(try store.accounts.add(key, digest: digest(second), limit: 9))
        }
        #expect(
            try store.accounts.add(
                APIKey(of: store.accounts.registerAccount()), digest: digest(4), limit: 9))
        #expect(try store.accounts.keys(of: account).map(\.name) == ["3", "2", "1"])
    }

    @Test("A revoked key is gone; another's cannot be revoked", arguments: Implementation.allCases)
    func revokes(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        let key = APIKey(of: account)
        #expect(try store.accounts.add(key, digest: digest(1), limit: 9))
        #expect(try !store.accounts.revoke(key.id, of: store.accounts.registerAccount()))
        #expect(try store.accounts.key(digest: digest(1)) != nil)
        #expect(try store.accounts.revoke(key.id, of: account))
        #expect(try store.accounts.key(digest: digest(1)) == nil)
        #expect(try !store.accounts.revoke(key.id, of: account))
    }

    @Test(
        "An account that may have 5 keys has 5 after 20 parallel requests",
        arguments: Implementation.allCases)
    func limits(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let store: any Catalog = try site.open()
        let account = try store.accounts.registerAccount()
        let added = try atOnce(20) { number in
            do {
                return try site.open().accounts.add(
                    APIKey(of: account), digest: digest(number), limit: 5)
            } catch CatalogError.tooManyKeys { return false }
        }
        #expect(added.count { $0 } == 5)
        #expect(try store.accounts.keys(of: account).count == 5)
        #expect(try !store.accounts.add(APIKey(of: Identifier()), digest: digest(99), limit: 5))
    }
}

func digest(_ number: Int) -> [UInt8] {
    var digest = [UInt8](repeating: 9, count: 32)
    withUnsafeBytes(of: number) { digest.replaceSubrange(0..<8, with: $0) }
    return digest
}

extension APIKey {
    init(
        of account: Identifier<Account>, name: String = "key",
        scopes: Set<Scope> = [.read], expiresAt: Timestamp? = nil, at now: Timestamp = noon
    ) {
        self.init(
            id: Identifier(at: now), account: account, name: name, scopes: scopes, createdAt: now,
            expiresAt: expiresAt)
    }
}
