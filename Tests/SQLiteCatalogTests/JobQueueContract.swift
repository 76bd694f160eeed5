import Foundation
import Model
import SQLiteCatalog
import Support
import Testing

@Suite("JobQueue contract")
struct JobQueueContract {
    let sites = TemporaryCatalogs()

    @Test("A claim counts the attempt and shows in the image", arguments: Implementation.allCases)
    func claims(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        #expect(try store.queue.claim(by: "w") == nil)
        #expect(try store.queue.nextDue() == nil)
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        #expect(try store.queue.nextDue() == .zero)
        let claim = try #require(try store.queue.claim(by: "w"))
        #expect(claim.image.id == id)
        #expect(claim.attempt == 1)
        #expect(claim.image.attempts == 1)
        #expect(claim.image.status == .processing)
        #expect(try store.images.progress(of: [id], owner: owner).first?.status == .processing)
        #expect(try store.queue.depth() == (0, 1))
        #expect(try store.queue.holders() == ["w"])
        #expect(try store.queue.claim(by: "v") == nil)
    }

    @Test(
        "A claim has the id and time of the request that queued the job; a retry has new ones",
        arguments: Implementation.allCases)
    func origin(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        #expect(try store.queue.oldestWaiting() == nil)
        let first = try store.images.add(NewImage(of: owner, request: "r1"))
        let later = noon + .seconds(5)
        _ = try store.images.add(NewImage(of: owner, content: 2, at: later))
        #expect(try store.queue.oldestWaiting() == noon)
        let claim = try #require(try store.queue.claim(by: "w"))
        #expect(claim.image.id == first)
        #expect(claim.requestID == "r1" && claim.queuedAt == noon)
        #expect(try store.queue.oldestWaiting() == later)

        try store.queue.fail(claim.lease, because: .crash, at: later)
        let second = try #require(try store.queue.claim(by: "w"))
        #expect(second.requestID == nil && second.queuedAt == later)
        let again = noon + .seconds(9)
        _ = try store.images.retry(first, of: owner, within: .roomy(), requestID: "r2", at: again)
        #expect(try store.queue.oldestWaiting() == again)
        let third = try #require(try store.queue.claim(by: "w"))
        #expect(third.requestID == "r2" && third.queuedAt == again)
        #expect(try store.queue.oldestWaiting() == nil)
    }

    @Test(
        "A spare thread claims only jobs of idle accounts that are not slow, and no re-renders",
        arguments: Implementation.allCases)
    func claimsFromIdle(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let (busy, other) = (
            try store.accounts.registerAccount(), try store.accounts.registerAccount()
        )
        let old = try complete(store, NewImage(of: other))
        #expect(try store.queue.rerender([old]) == 1)
        for content in 2..<5 { _ = try store.images.add(NewImage(of: busy, content: content)) }
        #expect(try store.queue.claim(by: "w")?.image.account == busy)
        #expect(try store.queue.claim(by: "w", fromIdleAccountsExcept: []) == nil)
        let waiting = try store.images.add(NewImage(of: other, content: 2))
        let third = try store.accounts.registerAccount()
        #expect(try store.queue.claim(by: "w", fromIdleAccountsExcept: [third, other]) == nil)
        #expect(try !store.queue.isDue(fromIdleAccountsExcept: [third, other]))
        #expect(try store.queue.isDue(fromIdleAccountsExcept: [third]))
        #expect(
            try store.queue.claim(by: "w", fromIdleAccountsExcept: [third])?.image.id == waiting)
        #expect(try store.queue.claim(by: "w", fromIdleAccountsExcept: []) == nil)
        #expect(try !store.queue.isDue(fromIdleAccountsExcept: []))
        #expect(try store.queue.claim(by: "w")?.image.account == busy)
    }

    @Test("Completing records variants, image and job at once", arguments: Implementation.allCases)
    func completes(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.complete(claim.lease, with: .small, at: noon + .seconds(2))
        let image = try #require(try store.images.image(id, of: owner))
        #expect(image.status == .complete)
        #expect(image.variants == Rendering.small.variants)
        #expect(image.pixels == Rendering.small.pixels)
        #expect(image.placeholder == Rendering.small.placeholder)
        #expect(image.processedAt == noon + .seconds(2))
        #expect(try store.queue.depth() == (0, 0))
        #expect(try store.queue.holders().isEmpty)
    }

    @Test(
        "An image that cannot be rendered fails at once, with its reason",
        arguments: Implementation.allCases)
    func fails(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        let claim = try #require(try store.queue.claim(by: "w"))
        let reason = RenderFailure(code: "corrupt", sentence: "The file ends early.")
        try store.queue.fail(claim.lease, because: reason, at: noon)
        let progress = try #require(try store.images.progress(of: [id], owner: owner).first)
        #expect(progress.status == .failed)
        #expect(progress.failure == reason)
        #expect(try store.images.image(id, of: owner)?.failure == reason)
        #expect(try store.queue.claim(by: "w") == nil)
    }

    @Test("Jobs can be listed by state, each with its failure", arguments: Implementation.allCases)
    func lists(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation, rules: JobRules(attempts: 1)).open()
        let owner = try store.accounts.registerAccount()
        let images = try (0..<3).map { try store.images.add(NewImage(of: owner, content: $0)) }
        let dead = try #require(try store.queue.claim(by: "w"))
        try store.queue.retryLater(dead.lease, because: .crash, at: noon)
        let held = try #require(try store.queue.claim(by: "v"))
        let listed = try store.queue.jobs([.dead], after: nil, limit: 10)
        #expect(listed.map(\.image) == [dead.image.id])
        #expect(listed.first?.failure == .crash)
        #expect(listed.first?.endedAt == noon)
        #expect(try store.queue.jobs([.running], after: nil, limit: 10).map(\.worker) == ["v"])
        let all = try store.queue.jobs(Set(JobState.allCases), after: nil, limit: 2)
        let rest = try store.queue.jobs(Set(JobState.allCases), after: all.last?.id, limit: 2)
        #expect((all + rest).count == 3)
        #expect(Set((all + rest).map(\.image)) == Set(images))
        #expect(try store.queue.job(of: held.image.id)?.state == .running)
        let state = try store.queue.state()
        #expect(
            (state.ready, state.running, state.dead, state.overdue, state.rerenders) == (
                1, 1, 1, 0, 0
            ))
    }

    @Test(
        "Repairing lost variants makes a complete image pending until they are rendered",
        arguments: Implementation.allCases)
    func repairs(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        #expect(try !store.queue.repair(id))
        try store.queue.complete(
            try #require(try store.queue.claim(by: "w")).lease, with: .small, at: noon)
        #expect(try store.queue.repair(id))
        #expect(try !store.queue.repair(id))
        #expect(try store.images.image(id, of: owner)?.status == .pending)
        let again = try #require(try store.queue.claim(by: "w"))
        #expect(again.attempt == 1)
        try store.queue.complete(again.lease, with: .small, at: noon)
        #expect(try store.images.image(id, of: owner)?.variants == Rendering.small.variants)
        _ = try store.images.beginDeletion(of: id, owner: owner, at: noon)
        #expect(try !store.queue.repair(id))
    }

    private func complete(_ store: any Catalog, _ new: NewImage) throws -> Identifier<Image> {
        let id = try store.images.add(new)
        let claim = try #require(try store.queue.claim(by: "w"))
        try #require(claim.image.id == id)
        try store.queue.complete(claim.lease, with: .small, at: noon)
        return id
    }

    @Test(
        "A re-render runs after all other jobs; its image stays complete with its old variants",
        arguments: Implementation.allCases)
    func rerenders(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let old = try complete(store, NewImage(of: owner))
        let pending = try store.images.add(NewImage(of: owner, content: 2))
        #expect(try store.queue.rerender([old, pending, Identifier()]) == 1)
        #expect(try store.queue.rerender([old]) == 0, "it is already waiting")
        let fresh = try store.images.add(
            NewImage(of: try store.accounts.registerAccount(), content: 3))
        #expect(try store.queue.depth() == (2, 0), "re-renders do not count in the queue depth")
        #expect(try store.queue.state().rerenders == 1)
        let others = try (0..<2).map { _ in try #require(try store.queue.claim(by: "w")) }
        #expect(others.allSatisfy { !$0.isRerender })
        #expect(Set(others.map(\.image.id)) == [pending, fresh])

        let claim = try #require(try store.queue.claim(by: "w"))
        #expect(claim.isRerender && claim.image.id == old)
        let state = try store.queue.state()
        #expect((state.rerenders, state.runningRerenders) == (0, 1))
        #expect(claim.image.variants == Rendering.small.variants)
        #expect(try store.images.progress(of: [old], owner: owner).first?.status == .complete)
        #expect(try store.images.image(old, of: owner)?.processedAt == noon)
        let later = noon + .seconds(60)
        let rerendered = Rendering(
            pixels: Rendering.small.pixels, variants: [Rendering.small.variants[1]],
            placeholder: nil)
        try store.queue.complete(claim.lease, with: rerendered, at: later)
        #expect(try store.images.image(old, of: owner)?.variants == rerendered.variants)
        #expect(try store.queue.claim(by: "w") == nil)

        #expect(try store.queue.rerendered(before: later, limit: 10).isEmpty)
        let done = try store.queue.rerendered(before: later + .seconds(1), limit: 10)
        #expect(done.map(\.id) == [old] && done.first?.variants == rerendered.variants)
        try store.queue.finishRerender(old, before: later)
        #expect(
            try store.queue.rerendered(before: later + .seconds(1), limit: 10).count == 1, "too new"
        )
        try store.queue.finishRerender(old, before: later + .seconds(1))
        #expect(try store.queue.rerendered(before: later + .seconds(1), limit: 10).isEmpty)
        #expect(try store.queue.rerender([old]) == 1, "it can be re-rendered again")
    }

    @Test(
        "A re-render that fails, is dead or is cancelled leaves the image unchanged",
        arguments: Implementation.allCases)
    func rerenderFails(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation, rules: JobRules(attempts: 1)).open()
        let owner = try store.accounts.registerAccount()
        let images = try (0..<3).map { try complete(store, NewImage(of: owner, content: $0)) }
        #expect(try store.queue.rerender(images) == 3)
        let failed = try #require(try store.queue.claim(by: "w"))
        try store.queue.fail(failed.lease, because: .crash, at: noon)
        let dead = try #require(try store.queue.claim(by: "w"))
        #expect(try store.queue.retryLater(dead.lease, because: .crash, at: noon) == .dead)
        for claim in [failed, dead] {
            let image = try #require(try store.images.image(claim.image.id, of: owner))
            #expect(image.status == .complete && image.failure == nil)
            #expect(image.variants == Rendering.small.variants)
            #expect(try store.queue.job(of: image.id)?.isRerender == true)
            #expect(try store.queue.job(of: image.id)?.failure == .crash)
        }
        #expect(try store.queue.rerender([dead.image.id]) == 1)
        let last = try #require(try store.queue.claim(by: "w"))
        _ = try store.images.beginDeletion(of: last.image.id, owner: owner, at: noon)
        #expect(throws: CatalogError.leaseLost) {
            try store.queue.complete(last.lease, with: .small, at: noon)
        }
        #expect(try store.queue.state().ready == 0 && store.queue.state().running == 0)
    }

    @Test(
        "Delaying releases a job for the given time without counting the attempt",
        arguments: Implementation.allCases)
    func delays(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation, rules: JobRules(attempts: 1)).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        for _ in 0..<3 {
            let claim = try #require(try store.queue.claim(by: "w"))
            #expect(claim.attempt == 1)
            try store.queue.delay(claim.lease, by: .zero, because: .crash)
        }
        #expect(try store.images.image(id, of: owner)?.status == .pending)
        #expect(try store.queue.job(of: id)?.failure == .crash)
        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.delay(claim.lease, by: .seconds(60), because: .crash)
        #expect(throws: CatalogError.leaseLost) {
            try store.queue.delay(claim.lease, by: .zero, because: .crash)
        }
        #expect(try store.queue.claim(by: "w") == nil)
        #expect(try #require(try store.queue.nextDue()) > .seconds(50))
    }

    @Test(
        "Jobs of one format can be delayed together until they are resumed",
        arguments: Implementation.allCases)
    func putsOffFormats(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let ids = try [ImageFormat.avif, .jpeg, .heic, .avif].enumerated().map { index, format in
            try store.images.add(NewImage(of: owner, content: index, format: format))
        }
        try store.queue.delay(
            [.avif, .heic], by: .seconds(60), because: .formatUnavailable(.avif))
        let claim = try #require(try store.queue.claim(by: "w"))
        #expect(claim.image.id == ids[1])
        try store.queue.complete(claim.lease, with: .small, at: noon)
        #expect(try store.queue.claim(by: "w") == nil)
        #expect(try #require(try store.queue.nextDue()) > .seconds(50))
        #expect(try store.queue.job(of: ids[0])?.failure == .formatUnavailable(.avif))
        #expect(try store.images.image(ids[0], of: owner)?.status == .pending)

        #expect(try store.queue.resume("another") == 0)
        #expect(try store.queue.resume(RenderFailure.formatUnavailableCode) == 3)
        #expect(try store.queue.resume(RenderFailure.formatUnavailableCode) == 0)
        let again = try #require(try store.queue.claim(by: "w"))
        #expect([ids[0], ids[2], ids[3]].contains(again.image.id))
        #expect(again.attempt == 1)
    }

    @Test("An expired lease is counted as overdue", arguments: Implementation.allCases)
    func overdue(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation, rules: JobRules(lease: .zero)).open()
        let owner = try store.accounts.registerAccount()
        try store.images.add(NewImage(of: owner))
        _ = try #require(try store.queue.claim(by: "w"))
        #expect(try store.queue.state().overdue == 1)
    }

    @Test("A stale lease token cannot change a job", arguments: Implementation.allCases)
    func fencing(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation, rules: JobRules(lease: .zero)).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        let stale = try #require(try store.queue.claim(by: "stopped")).lease
        let fresh = try #require(try store.queue.claim(by: "other"))
        #expect(fresh.attempt == 2)
        let acts: [(any JobQueue) throws -> Void] = [
            { try $0.renew(stale) }, { try $0.release(stale) },
            { try $0.complete(stale, with: .small, at: noon) },
            { try $0.fail(stale, because: .crash, at: noon) },
            { try $0.retryLater(stale, because: .crash, at: noon) },
        ]
        for act in acts {
            #expect(throws: CatalogError.leaseLost) { try act(store.queue) }
        }
        let image = try #require(try store.images.image(id, of: owner))
        #expect(image.status == .processing)
        #expect(image.variants.isEmpty)
        try store.queue.complete(fresh.lease, with: .small, at: noon)
        // A finished job cannot be changed again, not even with the same token.
        for act in acts {
            #expect(throws: CatalogError.leaseLost) { try act(store.queue) }
        }
        #expect(throws: CatalogError.leaseLost) {
            try store.queue.complete(fresh.lease, with: .small, at: noon)
        }
    }

    @Test("Deleting an image voids the lease of its job", arguments: Implementation.allCases)
    func deletionVoids(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        let claim = try #require(try store.queue.claim(by: "w"))
        _ = try store.images.beginDeletion(of: id, owner: owner, at: noon)
        #expect(try store.queue.depth() == (0, 0))
        #expect(throws: CatalogError.leaseLost) { try store.queue.renew(claim.lease) }
        #expect(throws: CatalogError.leaseLost) {
            try store.queue.complete(claim.lease, with: .small, at: noon)
        }
        try store.images.finishDeletion(of: id)
        #expect(throws: CatalogError.leaseLost) {
            try store.queue.complete(claim.lease, with: .small, at: noon)
        }
    }

    @Test("A job with a renewed lease is not claimed", arguments: Implementation.allCases)
    func renews(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation, rules: JobRules(lease: .seconds(60)))
            .open()
        try store.images.add(NewImage(of: store.accounts.registerAccount()))
        let claim = try #require(try store.queue.claim(by: "w"))
        let before = try #require(try store.queue.nextDue())
        #expect(before > .seconds(50) && before <= .seconds(60))
        try store.queue.renew(claim.lease)
        #expect(try store.queue.nextDue() ?? .zero > .seconds(50))
        #expect(try store.queue.claim(by: "v") == nil)
        try store.queue.complete(claim.lease, with: .small, at: noon)
    }

    @Test(
        "A job whose worker crashes each time is dead after three claims",
        arguments: Implementation.allCases)
    func poison(_ implementation: Implementation) throws {
        let site = try sites.new(implementation, rules: JobRules(lease: .zero))
        let store: any Catalog = try site.open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        for attempt in 1...3 {
            // A new connection, which is dropped while it holds the lease.
            #expect(try site.open().queue.claim(by: "w\(attempt)")?.attempt == attempt)
        }
        #expect(try store.queue.claim(by: "w4") == nil)
        let image = try #require(try store.images.image(id, of: owner))
        #expect(image.status == .failed)
        #expect(image.attempts == 3)
        #expect(image.failure?.code == "attempts_exhausted")
        #expect(image.processedAt != nil)
        #expect(try store.queue.depth() == (0, 0))
        #expect(try store.queue.nextDue() == nil)
    }

    @Test("A dead job keeps the last known reason", arguments: Implementation.allCases)
    func lastReason(_ implementation: Implementation) throws {
        let rules = JobRules(attempts: 2, lease: .zero, backoff: [.zero])
        let store: any Catalog = try sites.new(implementation, rules: rules).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        let claim = try #require(try store.queue.claim(by: "w"))
        #expect(try store.queue.retryLater(claim.lease, because: .crash, at: noon) == .ready)
        #expect(try store.queue.claim(by: "w") != nil)
        #expect(try store.queue.claim(by: "w") == nil)
        let failure = try #require(try store.images.image(id, of: owner)?.failure)
        #expect(failure.code == "attempts_exhausted")
        #expect(failure.sentence.contains(RenderFailure.crash.sentence))
    }

    @Test(
        "A failed attempt backs off; after the last one the job is dead",
        arguments: Implementation.allCases)
    func backsOff(_ implementation: Implementation) throws {
        let rules = JobRules(attempts: 2, backoff: [.milliseconds(200)])
        let store: any Catalog = try sites.new(implementation, rules: rules).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        let first = try #require(try store.queue.claim(by: "w"))
        #expect(try store.queue.retryLater(first.lease, because: .crash, at: noon) == .ready)
        let waiting = try #require(try store.images.progress(of: [id], owner: owner).first)
        #expect(waiting.status == .pending)
        #expect(waiting.attempts == 1)
        #expect(waiting.failure == nil)
        let due = try #require(try store.queue.nextDue())
        #expect(due <= .milliseconds(250))

        let asked = ContinuousClock.now
        var second = try store.queue.claim(by: "w")
        while second == nil, asked.duration(to: .now) < .seconds(20) {
            usleep(5000)
            second = try store.queue.claim(by: "w")
        }
        #expect(asked.duration(to: .now) + .milliseconds(20) >= due)
        let lease = try #require(second).lease
        #expect(try store.queue.retryLater(lease, because: .crash, at: noon) == .dead)
        let image = try #require(try store.images.image(id, of: owner))
        #expect(image.status == .failed)
        #expect(image.failure == .crash)
        #expect(image.attempts == 2)
    }

    @Test("A released job has lost no attempt", arguments: Implementation.allCases)
    func releases(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.release(claim.lease)
        #expect(try store.images.image(id, of: owner)?.attempts == 0)
        #expect(try store.images.image(id, of: owner)?.status == .pending)
        #expect(try store.queue.claim(by: "w")?.attempt == 1)
    }

    @Test(
        "A dead worker's jobs are free at once and keep their attempts",
        arguments: Implementation.allCases)
    func releasesAll(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        for content in 0..<3 { try store.images.add(NewImage(of: owner, content: content)) }
        let lost = try #require(try store.queue.claim(by: "dead"))
        let kept = try #require(try store.queue.claim(by: "alive"))
        try store.queue.releaseAll(of: "dead")
        #expect(try store.queue.holders() == ["alive"])
        #expect(throws: CatalogError.leaseLost) { try store.queue.renew(lost.lease) }
        try store.queue.renew(kept.lease)
        let again = try #require(try store.queue.claim(by: "alive"))
        #expect(again.image.id == lost.image.id)
        #expect(again.attempt == 2)
    }

    @Test(
        "Many uploads of one account do not delay the single one of another",
        arguments: Implementation.allCases)
    func fairness(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let bulk = try store.accounts.registerAccount()
        for content in 0..<100 { try store.images.add(NewImage(of: bulk, content: content)) }
        // Two resizers, both busy with the account that has many uploads.
        let first = try #require(try store.queue.claim(by: "w"))
        let second = try #require(try store.queue.claim(by: "w"))
        let single = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: single))
        try store.queue.complete(first.lease, with: .small, at: noon)
        let next = try #require(try store.queue.claim(by: "w"))
        #expect(next.image.id == id)
        try store.queue.complete(second.lease, with: .small, at: noon)
        try store.queue.complete(next.lease, with: .small, at: noon)

        // From then on the accounts alternate, even if one uploads again and again.
        try store.images.add(NewImage(of: single, content: 2))
        try store.images.add(NewImage(of: single, content: 3))
        var order: [Identifier<Account>] = []
        for _ in 0..<4 {
            let claim = try #require(try store.queue.claim(by: "w"))
            order.append(claim.image.account)
            try store.queue.complete(claim.lease, with: .small, at: noon)
        }
        #expect(order == [bulk, single, bulk, single])
    }

    @Test(
        "An account's jobs run in the order of upload, except for those that back off",
        arguments: Implementation.allCases)
    func order(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let ids = try (0..<4).map {
            try store.images.add(NewImage(of: owner, content: $0, at: noon + .milliseconds($0)))
        }
        let first = try #require(try store.queue.claim(by: "w"))
        try store.queue.retryLater(first.lease, because: .crash, at: noon)
        let rest = try (0..<3).map { _ in try #require(try store.queue.claim(by: "w")).image.id }
        #expect([first.image.id] + rest == ids)
        #expect(try store.queue.claim(by: "w") == nil)
        #expect(try store.queue.depth() == (1, 3))
    }

    @Test("Two workers complete each of 200 jobs exactly once", arguments: Implementation.allCases)
    func twoWorkers(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let store: any Catalog = try site.open()
        let owners = try (0..<4).map { _ in try store.accounts.registerAccount() }
        for content in 0..<200 {
            try store.images.add(NewImage(of: owners[content % 4], content: content))
        }
        let completed = try atOnce(2) { index in
            let store: any Catalog = try site.open(.worker)
            var images: [Identifier<Image>] = []
            while let claim = try store.queue.claim(by: "worker \(index)") {
                try store.queue.complete(claim.lease, with: .small, at: .now())
                images.append(claim.image.id)
            }
            return images
        }.flatMap { $0 }
        #expect(completed.count == 200)
        #expect(Set(completed).count == 200)
        #expect(try store.queue.depth() == (0, 0))
        for owner in owners {
            let images = try store.images.list(of: owner, where: ImageFilter(limit: 200))
            #expect(images.count == 50)
            #expect(images.allSatisfy { $0.status == .complete && $0.attempts == 1 })
            #expect(images.allSatisfy { $0.variants.count == 2 })
        }
    }

    @Test(
        "Pruning removes the job's details, never the image's result",
        arguments: Implementation.allCases)
    func prunes(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let owner = try store.accounts.registerAccount()
        let id = try store.images.add(NewImage(of: owner))
        let claim = try #require(try store.queue.claim(by: "w"))
        try store.queue.fail(claim.lease, because: .crash, at: noon)
        #expect(try store.queue.prune(endedBefore: noon) == 0)
        #expect(try store.queue.prune(endedBefore: noon + .seconds(1)) == 1)
        #expect(try store.queue.prune(endedBefore: noon + .seconds(1)) == 0)
        #expect(try store.images.image(id, of: owner)?.failure == .crash)
        #expect(
            try store.images.retry(id, of: owner, within: .roomy(), requestID: "r2", at: noon)?
                .queued
                == true)
    }
}
