import Model
import Support
import Testing

@Suite("ImageStore contract")
struct ImageStoreContract {
    let sites = TemporaryCatalogs()

    @Test("An added image can be read unchanged", arguments: Implementation.allCases)
    func readsBack(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let new = NewImage(of: owner, fit: .inside, name: "Ärger & \"Zitat\" %.jpg", bytes: 123)
        try store.images.add(new)
        let image = try #require(try store.images.image(new.image.id, of: owner))
        #expect(image.account == owner)
        #expect(image.originalName == new.image.originalName)
        #expect(image.fit == .inside)
        #expect(image.format == .jpeg)
        #expect(image.visibility == .private)
        #expect(image.bytes == 123)
        #expect(image.uploadedAt == noon)
        #expect(image.status == .pending)
        #expect(image.attempts == 0)
        #expect(image.pixels == nil)
        #expect(image.processedAt == nil)
        #expect(image.failure == nil)
        #expect(image.variants.isEmpty)
        #expect(try store.queue.depth() == (1, 0))
    }

    @Test("Another account's image does not exist for any call", arguments: Implementation.allCases)
    func ownersAreApart(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let other = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        #expect(try store.images.image(id, of: other) == nil)
        #expect(try store.images.progress(of: [id], owner: other).isEmpty)
        #expect(try store.images.list(of: other, where: ImageFilter()).isEmpty)
        #expect(try store.images.change(id, of: other, to: ImageChange(alt: "mine")) == nil)
        #expect(
            try store.images.retry(id, of: other, within: .roomy(), requestID: "r2", at: noon)
                == nil)
        #expect(try store.images.beginDeletion(of: id, owner: other, at: noon) == nil)
        #expect(try store.images.image(id, of: owner)?.alt == "")
    }

    @Test("The same bytes with the same fit are one image", arguments: Implementation.allCases)
    func duplicates(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let first = NewImage(of: owner)
        let job = try #require(try store.images.add(first, within: .roomy()).addedJob)
        // A full quota or queue does not refuse a duplicate: nothing is stored for it.
        let full = Allowance.roomy(images: 1, bytes: 100, accountQueue: 1, queue: 1)
        let again = try store.images.add(NewImage(of: owner), within: full)
        #expect(again.duplicate?.image.id == first.image.id)
        #expect(again.duplicate?.job == job)
        #expect(try store.accounts.usage(of: owner) == Usage(images: 1, bytes: 100))

        try store.images.add(NewImage(of: owner, fit: .inside))
        try store.images.add(NewImage(of: owner, content: 2))
        try store.images.add(NewImage(of: store.accounts.registerAccount()))
        #expect(try store.accounts.usage(of: owner) == Usage(images: 3, bytes: 300))
    }

    @Test("A failed or deleted image is not a duplicate", arguments: Implementation.allCases)
    func endsAreNoDuplicates(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        try store.images.add(NewImage(of: owner))
        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.fail(claim.lease, because: .crash, at: noon)
        let second = try store.images.add(NewImage(of: owner))
        _ = try store.images.beginDeletion(of: second, owner: owner, at: noon)
        try store.images.add(NewImage(of: owner))
    }

    @Test("50 parallel uploads of the same bytes add one image", arguments: Implementation.allCases)
    func parallelDuplicates(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let owner = try site.open().accounts.registerAccount()
        let results = try atOnce(50) { _ in
            try site.open().images.add(NewImage(of: owner), within: .roomy())
        }
        #expect(results.count { $0.addedJob != nil } == 1)
        #expect(Set(results.compactMap { $0.duplicate?.image.id }).count == 1)
        #expect(try site.open().accounts.usage(of: owner) == Usage(images: 1, bytes: 100))
        #expect(try site.open().queue.depth() == (1, 0))
    }

    @Test(
        "An idempotency key returns the same image for 24 hours",
        arguments: Implementation.allCases)
    func idempotency(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let first = try store.images.add(NewImage(of: owner, key: "k"))
        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.fail(claim.lease, because: .crash, at: noon)
        // Failed, so it would not be a duplicate without the key.
        let day = Duration.seconds(24 * 3600)
        let again = NewImage(of: owner, key: "k", at: noon + day - .milliseconds(1))
        #expect(try store.images.add(again, within: .roomy()).duplicate?.image.id == first)
        try store.images.add(NewImage(of: owner, key: "k", at: noon + day))
        try store.images.add(NewImage(of: store.accounts.registerAccount(), key: "k"))
    }

    @Test(
        "An idempotency key used with other content is a conflict",
        arguments: Implementation.allCases)
    func idempotencyConflicts(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        try store.images.add(NewImage(of: owner, key: "k"))
        try store.images.add(NewImage(of: owner, content: 2))
        for other in [
            NewImage(of: owner, content: 2, key: "k"), NewImage(of: owner, content: 3, key: "k"),
            NewImage(of: owner, fit: .inside, key: "k"),
        ] {
            #expect(throws: CatalogError.idempotencyConflict) {
                try store.images.add(other, within: .roomy())
            }
        }
        #expect(try store.accounts.usage(of: owner).images == 2)
    }

    @Test("An idempotency key sent with a duplicate is stored", arguments: Implementation.allCases)
    func idempotencyOfDuplicates(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        try store.images.add(NewImage(of: owner))
        _ = try store.images.add(NewImage(of: owner, key: "k"), within: .roomy())
        #expect(throws: CatalogError.idempotencyConflict) {
            try store.images.add(NewImage(of: owner, content: 2, key: "k"), within: .roomy())
        }
    }

    @Test("Deleting an image also deletes its idempotency key", arguments: Implementation.allCases)
    func idempotencyAfterDeletion(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner, key: "k"))
        _ = try store.images.beginDeletion(of: id, owner: owner, at: noon)
        let second = try store.images.add(NewImage(of: owner, content: 2, key: "k"))
        try store.images.finishDeletion(of: id)
        let again = try store.images.add(
            NewImage(of: owner, content: 2, key: "k"), within: .roomy())
        #expect(again.duplicate?.image.id == second)
        #expect(try store.images.pruneIdempotencyKeys(usedBefore: noon) == 0)
        #expect(try store.images.pruneIdempotencyKeys(usedBefore: noon + .seconds(1)) == 1)
    }

    @Test(
        "An account's own quota replaces that of the settings, and can be removed",
        arguments: Implementation.allCases)
    func ownQuota(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        #expect(try store.accounts.setQuota(of: owner, to: QuotaOverride(images: 1)))
        try store.images.add(NewImage(of: owner, content: 1))
        #expect(throws: CatalogError.quotaExceeded) {
            try store.images.admit(from: owner, within: .roomy())
        }
        #expect(throws: CatalogError.quotaExceeded) {
            try store.images.add(NewImage(of: owner, content: 2), within: .roomy())
        }
        let generous = QuotaOverride(images: 2, bytes: 200)
        #expect(try store.accounts.setQuota(of: owner, to: generous))
        #expect(try store.accounts.all().first?.quotaOverride == generous)
        _ = try store.images.add(
            NewImage(of: owner, content: 2), within: .roomy(images: 1, bytes: 1))
        #expect(try store.accounts.setQuota(of: owner, to: QuotaOverride()))
        _ = try store.images.add(NewImage(of: owner, content: 3), within: .roomy())
        #expect(try !store.accounts.setQuota(of: Identifier(), to: generous))
    }

    @Test(
        "An image is found by its digest and fit, only in its own account",
        arguments: Implementation.allCases)
    func byDigest(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let new = NewImage(of: owner)
        let id = try store.images.add(new)
        #expect(try store.images.image(digest: new.digest, fit: .cover, of: owner)?.id == id)
        #expect(try store.images.image(digest: new.digest, fit: .inside, of: owner) == nil)
        let other = try store.accounts.registerAccount()
        #expect(try store.images.image(digest: new.digest, fit: .cover, of: other) == nil)
        _ = try store.images.beginDeletion(of: id, owner: owner, at: noon)
        #expect(try store.images.image(digest: new.digest, fit: .cover, of: owner) == nil)
    }

    @Test(
        "A full quota or queue refuses an image with its own error and stores nothing",
        arguments: Implementation.allCases)
    func limits(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        try store.images.add(NewImage(of: owner))
        let refusals: [(Allowance, CatalogError)] = [
            (.roomy(images: 1), .quotaExceeded), (.roomy(bytes: 100), .quotaExceeded),
            (.roomy(accountQueue: 1), .accountQueueFull), (.roomy(queue: 1), .queueFull),
        ]
        for (allowance, error) in refusals {
            #expect(throws: error) { try store.images.admit(from: owner, within: allowance) }
            #expect(throws: error) {
                try store.images.add(NewImage(of: owner, content: 2), within: allowance)
            }
        }
        // The last byte may be used. How many bytes an upload needs is known only at its end.
        try store.images.admit(from: owner, within: .roomy(bytes: 150))
        #expect(throws: CatalogError.quotaExceeded) {
            try store.images.add(NewImage(of: owner, content: 2), within: .roomy(bytes: 199))
        }
        _ = try store.images.add(
            NewImage(of: owner, content: 2), within: .roomy(images: 2, bytes: 200))
        #expect(try store.accounts.usage(of: owner) == Usage(images: 2, bytes: 200))
        #expect(throws: CatalogError.quotaExceeded) {
            try store.images.admit(from: Identifier(), within: .roomy())
        }
    }

    @Test("Running jobs count towards the queue limits", arguments: Implementation.allCases)
    func runningCounts(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        try store.images.add(NewImage(of: owner))
        let claim = try #require(try store.queue.claim(by: "w"))
        #expect(throws: CatalogError.accountQueueFull) {
            try store.images.admit(from: owner, within: .roomy(accountQueue: 1))
        }
        #expect(throws: CatalogError.queueFull) {
            try store.images.admit(
                from: store.accounts.registerAccount(), within: .roomy(queue: 1))
        }
        try store.queue.complete(claim.lease, with: .small, at: noon)
        try store.images.admit(from: owner, within: .roomy(accountQueue: 1, queue: 1))
    }

    @Test(
        "No account can fill the queue: each may use a share of what the others leave",
        arguments: Implementation.allCases)
    func shares(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let allowance = Allowance(
            quota: Usage(images: 1000, bytes: 1_000_000), accountQueue: 30, queue: 100,
            queueShare: 4)
        /// Adds images until one is refused, or `limit` images. Returns how many were added.
        func fill(_ owner: Identifier<Account>, limit: Int) throws -> Int {
            for count in 0..<limit {
                do {
                    _ = try store.images.add(NewImage(of: owner, content: count), within: allowance)
                } catch CatalogError.accountQueueFull {
                    return count
                }
            }
            return limit
        }
        var held: [Int] = []
        for _ in 0..<12 { held.append(try fill(store.accounts.registerAccount(), limit: 40)) }
        #expect(held == [25, 18, 14, 10, 8, 6, 4, 3, 3, 2, 1, 1])
        let late = try store.accounts.registerAccount()
        #expect(try fill(late, limit: 1) == 1, "a new account may still add an image")
        #expect(throws: CatalogError.accountQueueFull) {
            try store.images.admit(from: late, within: allowance)
        }
    }

    @Test("Pages of a list have every image once, newest first", arguments: Implementation.allCases)
    func pages(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let ids = try (0..<7).map {
            try store.images.add(NewImage(of: owner, content: $0, at: noon + .milliseconds($0)))
        }
        var seen: [Identifier<Image>] = []
        repeat {
            let filter = ImageFilter(before: seen.last, limit: 3)
            let page = try store.images.list(of: owner, where: filter)
            seen += page.map(\.id)
            if page.count < 3 { break }
        } while true
        #expect(seen == ids.reversed())
    }

    @Test("A page has as many images as requested", arguments: Implementation.allCases)
    func largePages(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        for index in 0..<202 {
            try store.images.add(
                NewImage(of: owner, content: index, at: noon + .milliseconds(index)))
        }
        for limit in [1, 199, 200, 201, 202, 203] {
            let page = try store.images.list(of: owner, where: ImageFilter(limit: limit))
            #expect(page.count == min(limit, 202))
        }
    }

    @Test("A list can be filtered by status and by name", arguments: Implementation.allCases)
    func filters(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let names = [
            "100% wool.jpg", "100 wool.jpg", "a_b.jpg", "aXb.jpg", "ÄPFEL.png", "c\\d.gif",
        ]
        for (index, name) in names.enumerated() {
            try store.images.add(
                NewImage(of: owner, content: index, name: name, at: noon + .milliseconds(index)))
        }
        func found(_ name: String) throws -> [String] {
            try store.images.list(of: owner, where: ImageFilter(name: name)).map(\.originalName)
        }
        #expect(try found("% WOOL") == ["100% wool.jpg"])
        #expect(try found("A_B") == ["a_b.jpg"])
        #expect(try found("\\") == ["c\\d.gif"])
        #expect(try found("äpfel") == ["ÄPFEL.png"])
        #expect(try found("A\u{308}pfel") == ["ÄPFEL.png"], "in NFD")
        #expect(try found("apfel") == [])
        #expect(try found("c\\d.gif2") == [])
        #expect(try found("") == names.reversed())

        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.complete(claim.lease, with: .small, at: noon)
        let complete = try store.images.list(of: owner, where: ImageFilter(status: .complete))
        #expect(complete.map(\.id) == [claim.image.id])
        #expect(complete.first?.variants == Rendering.small.variants)
        let both = ImageFilter(status: .pending, name: "wool", limit: 1)
        #expect(
            try store.images.list(of: owner, where: both).map(\.originalName) == ["100 wool.jpg"])
    }

    @Test(
        "The count of a filter is the number of images in all its pages",
        arguments: Implementation.allCases)
    func counts(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let other = try store.accounts.registerAccount()
        try store.images.add(NewImage(of: other, content: 99))
        #expect(try store.images.count(of: owner, where: ImageFilter()) == 0)
        let ids = try (0..<6).map {
            try store.images.add(
                NewImage(
                    of: owner, content: $0, name: $0 < 2 ? "wool.jpg" : "silk.jpg",
                    at: noon + .milliseconds($0)))
        }
        for turn in 0..<4 {
            let claim = try #require(try store.queue.claim(by: "w"))
            switch turn {
            case 0: try store.queue.fail(claim.lease, because: .crash, at: noon)
            case 3: break
            default: try store.queue.complete(claim.lease, with: .small, at: noon)
            }
        }
        _ = try store.images.beginDeletion(of: ids[5], owner: owner, at: noon)
        for status in [nil] + ImageStatus.allCases.map(Optional.some) {
            for name in [nil, "wool", "SILK", "none"] {
                let filter = ImageFilter(status: status, name: name, limit: 100)
                let all = try store.images.list(of: owner, where: filter).count
                var page = filter
                (page.limit, page.before) = (1, ids[3])
                #expect(try store.images.count(of: owner, where: page) == all, "\(filter)")
            }
        }
        #expect(try store.images.count(of: owner, where: ImageFilter()) == 5)
    }

    @Test(
        "Progress is returned in the requested order, without unknown images",
        arguments: Implementation.allCases)
    func progress(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let first = try store.images.add(NewImage(of: owner, content: 1))
        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.complete(claim.lease, with: .small, at: noon)
        let second = try store.images.add(NewImage(of: owner, content: 2))
        let found = try store.images.progress(of: [second, Identifier(), first], owner: owner)
        #expect(found.map(\.id) == [second, first])
        #expect(found.map(\.status) == [.pending, .complete])
        #expect(found.map(\.attempts) == [0, 1])
        #expect(found.map(\.variants) == [[], ["thumbnail", "small"]])
    }

    @Test("A change sets the given fields and no others", arguments: Implementation.allCases)
    func changes(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        let renamed = try store.images.change(id, of: owner, to: ImageChange(originalName: "b.jpg"))
        #expect(renamed?.originalName == "b.jpg")
        let described = try store.images.change(
            id, of: owner, to: ImageChange(alt: "A hill", visibility: .public))
        #expect(described?.originalName == "b.jpg")
        #expect(described?.alt == "A hill")
        #expect(described?.visibility == .public)
        #expect(try store.images.change(Identifier(), of: owner, to: ImageChange()) == nil)
    }

    @Test(
        "A failed image can be retried, with all its attempts", arguments: Implementation.allCases)
    func retries(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        #expect(
            try store.images.retry(id, of: owner, within: .roomy(), requestID: "r2", at: noon)?
                .queued
                == false)
        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.fail(claim.lease, because: .crash, at: noon)
        #expect(throws: CatalogError.queueFull) {
            try store.images.retry(
                id, of: owner, within: .roomy(queue: 0), requestID: "r2", at: noon)
        }
        let retried = try #require(
            try store.images.retry(id, of: owner, within: .roomy(), requestID: "r2", at: noon))
        #expect(retried.queued)
        #expect(retried.job == claim.lease.job)
        #expect(retried.image.status == .pending)
        #expect(retried.image.attempts == 0)
        #expect(retried.image.failure == nil)
        #expect(try store.queue.claim(by: "w")?.attempt == 1)
    }

    @Test(
        "A failed image that was uploaded again meanwhile is not retried",
        arguments: Implementation.allCases)
    func replacedIsNotRetried(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.fail(claim.lease, because: .crash, at: noon)
        try store.images.add(NewImage(of: owner))
        let retried = try #require(
            try store.images.retry(id, of: owner, within: .roomy(), requestID: "r2", at: noon))
        #expect(!retried.queued)
        #expect(retried.image.status == .failed)
    }

    @Test(
        "Deletion hides the image at once and frees its bytes at the end",
        arguments: Implementation.allCases)
    func deletes(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        try store.images.finishDeletion(of: id)
        #expect(try store.images.image(id, of: owner) != nil)

        #expect(try store.images.beginDeletion(of: id, owner: owner, at: noon)?.id == id)
        #expect(
            try store.images.beginDeletion(of: id, owner: owner, at: noon)?.id == id,
            "called again, it returns the image, so that deletion can be finished")
        #expect(try store.images.image(id, of: owner) == nil)
        #expect(try store.images.progress(of: [id], owner: owner).isEmpty)
        #expect(try store.images.list(of: owner, where: ImageFilter()).isEmpty)
        #expect(try store.queue.depth() == (0, 0))
        #expect(try store.queue.claim(by: "w") == nil)
        #expect(try store.accounts.usage(of: owner) == Usage(images: 1, bytes: 100))
        #expect(try store.images.unfinishedDeletions(after: nil, limit: 10).map(\.id) == [id])
        #expect(try store.images.existing([id, Identifier()]) == [id])

        for _ in 0..<2 { try store.images.finishDeletion(of: id) }
        #expect(try store.accounts.usage(of: owner) == Usage(images: 0, bytes: 0))
        #expect(try store.images.unfinishedDeletions(after: nil, limit: 10).isEmpty)
        #expect(try store.images.existing([id]).isEmpty)
    }

    @Test("Only public and complete images are published", arguments: Implementation.allCases)
    func published(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let open = ImageChange(visibility: .public)
        let id = try store.images.add(NewImage(of: owner))
        _ = try store.images.change(id, of: owner, to: open)
        #expect(try store.images.published(among: [id]).isEmpty)
        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.complete(claim.lease, with: .small, at: noon)
        #expect(try store.images.published(among: [id, Identifier()]) == [id])
        #expect(try store.images.published(after: nil, limit: 10) == [id])
        #expect(try store.images.published(after: id, limit: 10).isEmpty)
        _ = try store.images.beginDeletion(of: id, owner: owner, at: noon)
        #expect(try store.images.published(among: [id]).isEmpty)
        #expect(try store.images.published(after: nil, limit: 10).isEmpty)
    }

    @Test(
        "The inventory has the images of all accounts in pages, without deleted ones",
        arguments: Implementation.allCases)
    func inventory(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owners = try (0..<2).map { _ in try store.accounts.registerAccount() }
        #expect(try store.images.newestUpload() == nil)
        let added = (0..<7).map { NewImage(of: owners[$0 % 2], content: $0, bytes: 10) }
        for new in added { try store.images.add(new) }
        _ = try store.images.beginDeletion(of: added[3].image.id, owner: owners[1], at: noon)
        var pages: [[StoredImage]] = []
        while true {
            let page = try store.images.inventory(after: pages.last?.last?.image.id, limit: 3)
            if page.isEmpty { break }
            pages.append(page)
        }
        #expect(pages.map(\.count) == [3, 3])
        let expected = added.filter { $0.image.id != added[3].image.id }
        #expect(
            Dictionary(uniqueKeysWithValues: pages.joined().map { ($0.image.id, $0.digest) })
                == Dictionary(uniqueKeysWithValues: expected.map { ($0.image.id, $0.digest) }))
        #expect(try store.images.totals() == [.pending: Usage(images: 6, bytes: 60)])
        #expect(try store.images.newestUpload() == noon)
    }
}

extension AddImageResult {
    var addedJob: Identifier<Job>? { if case .added(let job) = self { job } else { nil } }
    var duplicate: (image: Image, job: Identifier<Job>)? {
        if case .duplicate(let image, let job) = self { (image, job) } else { nil }
    }
}

extension AccountStore {
    /// The usage that the account's next session reports.
    func usage(of account: Identifier<Account>) throws -> Usage {
        try #require(try openSession(for: account, userAgent: nil, at: noon)).account.usage
    }
}
