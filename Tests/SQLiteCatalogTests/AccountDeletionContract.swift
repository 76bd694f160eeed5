import Model
import Testing

@Suite("AccountStore contract: account deletion")
struct AccountDeletionContract {
    let sites = TemporaryCatalogs()

    @Test(
        "When deletion begins, the account is hidden and signed out, without keys, images or jobs",
        arguments: Implementation.allCases)
    func hides(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let session = try store.accounts.register(
            email: "ada@x.org", passwordHash: "hash", userAgent: nil, at: noon)
        let account = session.account.id
        let images = try (1...3).map { try store.images.add(NewImage(of: account, content: $0)) }
        let claim = try #require(try store.queue.claim(by: "worker"))
        #expect(try store.accounts.add(APIKey(of: account), digest: digest(1), limit: 9))

        #expect(try store.accounts.beginDeletion(of: account, verified: nil, at: noon))
        #expect(try !store.accounts.beginDeletion(of: account, verified: nil, at: noon))
        #expect(try store.accounts.credentials(email: "ada@x.org") == nil)
        #expect(try store.accounts.passwordHash(of: account) == nil)
        #expect(try store.accounts.all().isEmpty)
        #expect(try store.accounts.session(session.id) == nil)
        #expect(
            try store.accounts.rotate(session.id, generation: 0, grace: .zero, at: noon).isEnded)
        #expect(try store.accounts.openSession(for: account, userAgent: nil, at: noon) == nil)
        #expect(try store.accounts.key(digest: digest(1)) == nil)
        #expect(try !store.accounts.add(APIKey(of: account), digest: digest(2), limit: 9))
        #expect(try store.images.list(of: account, where: ImageFilter()).isEmpty)
        #expect(try store.images.image(images[0], of: account) == nil)
        #expect(try store.queue.depth() == (0, 0))
        #expect(try store.queue.claim(by: "worker") == nil)
        #expect(throws: CatalogError.leaseLost) {
            try store.queue.complete(claim.lease, with: .small, at: noon)
        }
        #expect(throws: CatalogError.quotaExceeded) {
            try store.images.add(NewImage(of: account, content: 9))
        }
        #expect(throws: CatalogError.quotaExceeded) {
            try store.images.admit(from: account, within: .roomy())
        }
    }

    @Test("The email of a deleted account is free at once", arguments: Implementation.allCases)
    func freesTheEmail(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        for _ in 1...3 {
            let session = try store.accounts.register(
                email: "ada@x.org", passwordHash: "hash", userAgent: nil, at: .now())
            #expect(
                try store.accounts.beginDeletion(of: session.account.id, verified: nil, at: noon))
        }
        #expect(try store.accounts.unfinishedAccountDeletions().count == 3)
    }

    @Test(
        "The account's row is removed only after deletion has begun and no image is left",
        arguments: Implementation.allCases)
    func finishes(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        let other = try store.accounts.registerAccount()
        let kept = try store.images.add(NewImage(of: other, content: 1))
        let images = try (1...3).map { try store.images.add(NewImage(of: account, content: $0)) }
        // An image that was already being deleted is included.
        _ = try store.images.beginDeletion(of: images[0], owner: account, at: noon)

        try store.accounts.finishDeletion(of: account)
        #expect(try store.accounts.all().count == 2)
        #expect(try store.accounts.beginDeletion(of: account, verified: nil, at: noon))
        let first = try store.images.unfinishedDeletions(of: account, after: nil, limit: 2).map(
            \.id)
        let rest = try store.images.unfinishedDeletions(of: account, after: first.last, limit: 2)
        #expect(first + rest.map(\.id) == images.sorted { $0.text < $1.text })
        #expect(
            try store.images.unfinishedDeletions(after: first.last, limit: 10).map(\.id)
                == rest.map(\.id))
        try store.accounts.finishDeletion(of: account)
        #expect(try store.accounts.unfinishedAccountDeletions() == [account])

        for image in images { try store.images.finishDeletion(of: image) }
        try store.accounts.finishDeletion(of: account)
        #expect(try store.accounts.unfinishedAccountDeletions().isEmpty)
        #expect(try store.images.existing(images).isEmpty)
        #expect(try store.images.image(kept, of: other) != nil)
        #expect(try store.accounts.all().map(\.id) == [other])
    }
}
