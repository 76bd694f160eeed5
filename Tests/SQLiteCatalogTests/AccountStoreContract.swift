import Model
import Support
import Testing

@Suite("AccountStore contract")
struct AccountStoreContract {
    let sites = TemporaryCatalogs()

    @Test("An account is found by its email in any letter case", arguments: Implementation.allCases)
    func findsByEmail(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let session = try store.accounts.register(
            email: "Ada@example.org", passwordHash: "$scrypt$1", userAgent: "curl/8", at: noon)
        let found = try #require(try store.accounts.credentials(email: "aDA@example.org"))
        #expect(found.account.id == session.account.id)
        #expect(found.account.email == "Ada@example.org")
        #expect(found.account.createdAt == noon)
        #expect(found.account.usage == Usage(images: 0, bytes: 0))
        #expect(found.passwordHash == "$scrypt$1")
        #expect(try store.accounts.passwordHash(of: session.account.id) == "$scrypt$1")
        #expect(try store.accounts.credentials(email: "bob@example.org") == nil)
    }

    @Test("An email can be registered once, in any letter case", arguments: Implementation.allCases)
    func emailsAreUnique(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        _ = try store.accounts.register(
            email: "ada@x.org", passwordHash: "1", userAgent: nil, at: noon)
        #expect(throws: CatalogError.emailTaken) {
            try store.accounts.register(
                email: "ADA@x.org", passwordHash: "2", userAgent: nil, at: noon)
        }
        #expect(try store.accounts.credentials(email: "ada@x.org")?.passwordHash == "1")
    }

    @Test("An opened session can be read unchanged", arguments: Implementation.allCases)
    func readsSessions(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        let opened = try #require(
            try store.accounts.openSession(
                for: account, userAgent: "Firefox", at: noon + .seconds(5)))
        let session = try #require(try store.accounts.session(opened.id))
        #expect(session.account.id == account)
        #expect(session.generation == 0)
        #expect(session.createdAt == noon + .seconds(5))
        #expect(session.rotatedAt == noon + .seconds(5))
        #expect(session.userAgent == "Firefox")
        #expect(try store.accounts.session(Identifier()) == nil)
        #expect(try store.accounts.openSession(for: Identifier(), userAgent: nil, at: noon) == nil)
    }

    @Test("The current refresh token rotates the session", arguments: Implementation.allCases)
    func rotates(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let id = try store.accounts.newSession()
        let later = noon + .seconds(900)
        let session = try #require(
            try store.accounts.rotate(id, generation: 0, grace: .seconds(10), at: later).session)
        #expect(session.generation == 1)
        #expect(session.rotatedAt == later)
        #expect(session.createdAt == noon)
        #expect(try store.accounts.session(id)?.generation == 1)
    }

    @Test(
        "Within the grace period, the previous token gets the same successor",
        arguments: Implementation.allCases)
    func repeatsTheSuccessor(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let id = try store.accounts.newSession()
        let grace = Duration.seconds(10)
        let first = try store.accounts.rotate(id, generation: 0, grace: grace, at: noon).session
        // The other request may have read its clock a little before this one rotated.
        for moment in [noon + grace, noon - .milliseconds(3)] {
            let again = try store.accounts.rotate(id, generation: 0, grace: grace, at: moment)
                .session
            #expect(again?.generation == 1)
            #expect(again?.rotatedAt == first?.rotatedAt)
        }
    }

    @Test(
        "After the grace period, the previous token ends the session permanently",
        arguments: Implementation.allCases)
    func reuseEndsTheSession(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let id = try store.accounts.newSession()
        let grace = Duration.seconds(10)
        _ = try store.accounts.rotate(id, generation: 0, grace: grace, at: noon)
        let late = noon + grace + .milliseconds(1)
        #expect(try store.accounts.rotate(id, generation: 0, grace: grace, at: late).isReused)
        #expect(try store.accounts.session(id) == nil)
        #expect(try store.accounts.rotate(id, generation: 1, grace: grace, at: late).isEnded)
    }

    @Test(
        "An older token ends the session, even within the grace period",
        arguments: Implementation.allCases)
    func olderTokensEndTheSession(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let id = try store.accounts.newSession()
        for generation in 0...1 {
            _ = try store.accounts.rotate(id, generation: generation, grace: .seconds(10), at: noon)
        }
        #expect(
            try store.accounts.rotate(id, generation: 0, grace: .seconds(10), at: noon).isReused)
        #expect(try store.accounts.session(id) == nil)
    }

    @Test(
        "A token of a later generation was never issued, so it ends the session",
        arguments: Implementation.allCases)
    func futureTokensEndTheSession(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let id = try store.accounts.newSession()
        #expect(
            try store.accounts.rotate(id, generation: 5, grace: .seconds(10), at: noon).isReused)
        #expect(try store.accounts.session(id) == nil)
        #expect(
            try store.accounts.rotate(Identifier(), generation: 0, grace: .zero, at: noon).isEnded)
    }

    @Test(
        "20 parallel rotations leave one active session and all return the same successor",
        arguments: Implementation.allCases)
    func parallelRotations(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let store: any Catalog = try site.open()
        let id = try store.accounts.newSession()
        let rotations = try atOnce(20) { index in
            try site.open().accounts.rotate(
                id, generation: 0, grace: .seconds(10), at: noon + .milliseconds(index))
        }
        let sessions = rotations.compactMap(\.session)
        #expect(sessions.count == 20)
        #expect(Set(sessions.map(\.generation)) == [1])
        #expect(Set(sessions.map(\.rotatedAt)).count == 1)
        #expect(try store.accounts.session(id)?.rotatedAt == sessions.first?.rotatedAt)
    }

    @Test("A session can be ended once", arguments: Implementation.allCases)
    func endsOnce(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let id = try store.accounts.newSession()
        #expect(try store.accounts.endSession(id, at: noon))
        #expect(try !store.accounts.endSession(id, at: noon))
        #expect(try store.accounts.session(id) == nil)
    }

    @Test("All sessions of an account can be ended except one", arguments: Implementation.allCases)
    func endsAll(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        let sessions = try (0..<3).map { _ in
            try #require(try store.accounts.openSession(for: account, userAgent: nil, at: noon)).id
        }
        let other = try store.accounts.newSession()
        try store.accounts.endSessions(of: account, except: sessions[1], at: noon)
        #expect(try sessions.map { try store.accounts.session($0) != nil } == [false, true, false])
        try store.accounts.endSessions(of: account, except: nil, at: noon)
        #expect(try store.accounts.session(sessions[1]) == nil)
        #expect(try store.accounts.session(other) != nil)
    }

    @Test(
        "An account's active sessions are listed, the most recently used first",
        arguments: Implementation.allCases)
    func listsSessions(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        let sessions = try (1...4).map { second in
            try #require(
                try store.accounts.openSession(
                    for: account, userAgent: "agent \(second)", at: noon + .seconds(second))
            ).id
        }
        _ = try store.accounts.newSession()
        try store.accounts.endSession(sessions[1], at: noon)
        _ = try store.accounts.rotate(
            sessions[0], generation: 0, grace: .seconds(10), at: noon + .seconds(60))
        let listed = try store.accounts.sessions(of: account, rotatedSince: noon + .seconds(4))
        #expect(listed.map(\.id) == [sessions[0], sessions[3]])
        #expect(listed.map(\.userAgent) == ["agent 1", "agent 4"])
        #expect(listed.map(\.rotatedAt) == [noon + .seconds(60), noon + .seconds(4)])
        #expect(listed.map(\.createdAt) == [noon + .seconds(1), noon + .seconds(4)])
        // Including the session that was opened at registration.
        #expect(try store.accounts.sessions(of: account, rotatedSince: noon).count == 4)
    }

    @Test("An account cannot end another's session", arguments: Implementation.allCases)
    func endsOwnSessionsAlone(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        let own = try #require(
            try store.accounts.openSession(for: account, userAgent: nil, at: noon)
        ).id
        #expect(
            try !store.accounts.endSession(own, of: store.accounts.registerAccount(), at: noon))
        #expect(try store.accounts.session(own) != nil)
        #expect(try store.accounts.endSession(own, of: account, at: noon))
        #expect(try store.accounts.session(own) == nil)
        #expect(try !store.accounts.endSession(own, of: account, at: noon))
    }

    @Test("Accounts are listed, oldest first", arguments: Implementation.allCases)
    func listsAccounts(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        for (name, second) in [("b", 1), ("a", 2)] {
            _ = try store.accounts.register(
                email: "\(name)@x.org", passwordHash: "1", userAgent: nil,
                at: noon + .seconds(second))
        }
        #expect(try store.accounts.all().map(\.email) == ["b@x.org", "a@x.org"])
    }

    @Test(
        "A new password ends all sessions, opens a new one and returns the API keys",
        arguments: Implementation.allCases)
    func changesPasswords(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        let lost = try #require(
            try store.accounts.openSession(for: account, userAgent: nil, at: noon)
        ).id
        let key = APIKey(of: account)
        #expect(try store.accounts.add(key, digest: digest(1), limit: 9, by: lost))
        let changed = try #require(
            try store.accounts.changePassword(
                of: account, from: "hash", to: "new", userAgent: "Firefox", at: noon))
        #expect(changed.keys.map(\.id) == [key.id])
        #expect(try store.accounts.passwordHash(of: account) == "new")
        #expect(try store.accounts.session(changed.session.id)?.userAgent == "Firefox")
        #expect(try store.accounts.session(lost) == nil)
    }

    @Test(
        "A request verified against a hash that was replaced meanwhile changes nothing",
        arguments: Implementation.allCases)
    func replacedMeanwhile(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        let session = try #require(
            try store.accounts.openSession(for: account, userAgent: nil, at: noon)
        ).id
        _ = try #require(
            try store.accounts.changePassword(
                of: account, from: "hash", to: "new", userAgent: nil, at: noon)
        )
        #expect(try store.accounts.openSession(for: account, userAgent: nil, at: noon) == nil)
        #expect(
            try store.accounts.openSession(
                for: account, verified: "hash", rehashed: "stale", userAgent: nil, at: noon) == nil)
        #expect(
            try store.accounts.changePassword(
                of: account, from: "hash", to: "stale", userAgent: nil, at: noon) == nil)
        #expect(try !store.accounts.beginDeletion(of: account, verified: "hash", at: noon))
        #expect(
            try !store.accounts.add(APIKey(of: account), digest: digest(1), limit: 9, by: session),
            "a key requested by a session that the new password ended")
        #expect(try store.accounts.passwordHash(of: account) == "new")
        #expect(try store.accounts.sessions(of: account, rotatedSince: noon).count == 1)
        #expect(try store.accounts.beginDeletion(of: account, verified: "new", at: noon))
        #expect(
            try store.accounts.setPassword(of: account, to: "x", revokingKeys: false, at: noon)
                == nil)
    }

    @Test(
        "A stronger hash of the same password is stored with a new session",
        arguments: Implementation.allCases)
    func rehashes(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        let before = try #require(
            try store.accounts.openSession(for: account, userAgent: nil, at: noon)
        ).id
        let opened = try store.accounts.openSession(
            for: account, verified: "hash", rehashed: "stronger", userAgent: nil, at: noon)
        #expect(opened != nil)
        #expect(try store.accounts.passwordHash(of: account) == "stronger")
        #expect(try store.accounts.session(before) != nil)
    }

    @Test("Setting a password can revoke the API keys", arguments: Implementation.allCases)
    func setsPasswords(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        let key = APIKey(of: account)
        #expect(try store.accounts.add(key, digest: digest(1), limit: 9))
        for revoking in [false, true] {
            let keys = try store.accounts.setPassword(
                of: account, to: "\(revoking)", revokingKeys: revoking, at: noon)
            #expect(keys?.map(\.id) == [key.id])
            #expect(try store.accounts.keys(of: account).isEmpty == revoking)
        }
        #expect(try store.accounts.sessions(of: account, rotatedSince: noon).isEmpty)
    }

    @Test("The 101st session ends the least recently used one", arguments: Implementation.allCases)
    func mostSessions(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        try store.accounts.endSessions(of: account, except: nil, at: noon)
        let opened = try (0..<100).map { second in
            try #require(
                try store.accounts.openSession(
                    for: account, userAgent: nil, at: noon + .seconds(second))
            ).id
        }
        // Opened first, but used since.
        _ = try store.accounts.rotate(
            opened[0], generation: 0, grace: .zero, at: noon + .seconds(200))
        // Opened with a clock that was set back.
        let last = try #require(
            try store.accounts.openSession(for: account, userAgent: nil, at: noon - .seconds(9))
        ).id
        let living = try store.accounts.sessions(of: account, rotatedSince: noon - .seconds(10))
            .map(\.id)
        #expect(living.count == 100)
        #expect(living.first == opened[0])
        #expect(living.last == last)
        #expect(!living.contains(opened[1]))
    }

    @Test("Sessions are listed in pages", arguments: Implementation.allCases)
    func sessionPages(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let account = try store.accounts.registerAccount()
        for second in [1, 1, 1, 2, 3] {
            _ = try store.accounts.openSession(
                for: account, userAgent: nil, at: noon + .seconds(second))
        }
        let all = try store.accounts.sessions(of: account, rotatedSince: noon)
        var paged: [Session] = []
        while true {
            let page = try store.accounts.sessions(
                of: account, rotatedSince: noon, after: paged.last.map(SessionPlace.init), limit: 2)
            paged += page
            if page.count < 2 { break }
        }
        #expect(paged.map(\.id) == all.map(\.id))
        #expect(paged.count == 6)
        let place = SessionPlace(all[2])
        #expect(SessionPlace(place.text) == place)
        for text in ["", ".", "1", "1.2", "x.\(all[0].id)", "\(place.text).1"] {
            #expect(SessionPlace(text) == nil)
        }
    }

    @Test("All Unicode spellings of an address are one account", arguments: Implementation.allCases)
    func canonicalEmails(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let id = try store.accounts.register(
            email: "jos\u{E9}@b\u{FC}cher.example", passwordHash: "1", userAgent: nil, at: noon
        ).account.id
        for spelling in [
            "jose\u{301}@b\u{FC}cher.example", "JOSE\u{301}@xn--bcher-kva.example",
            "jos\u{C9}@XN--BCHER-KVA.example", "jos\u{E9}@bu\u{308}cher.EXAMPLE",
        ] {
            let found = try #require(try store.accounts.credentials(email: spelling), "\(spelling)")
            #expect(found.account.id == id)
            #expect(Array(found.account.email.utf8) == Array("jos\u{E9}@b\u{FC}cher.example".utf8))
            #expect(throws: CatalogError.emailTaken) {
                try store.accounts.register(
                    email: spelling, passwordHash: "2", userAgent: nil, at: noon)
            }
        }
    }

    @Test("Sessions that nobody can refresh are removed", arguments: Implementation.allCases)
    func prunes(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let old = try store.accounts.newSession()
        let account = try store.accounts.registerAccount()
        let young = try #require(
            try store.accounts.openSession(for: account, userAgent: nil, at: noon + .seconds(1)))
        // The two sessions that were opened at registration are as old as `old`.
        #expect(try store.accounts.pruneSessions(rotatedBefore: noon + .seconds(1)) == 3)
        #expect(try store.accounts.session(old) == nil)
        #expect(try store.accounts.session(young.id) != nil)
    }
}

extension AccountStore {
    fileprivate func newSession() throws -> Identifier<Session> {
        try #require(
            try openSession(for: registerAccount(), userAgent: nil, at: noon)
        ).id
    }
}

extension Rotation {
    var session: Session? { if case .current(let session) = self { session } else { nil } }
    var isReused: Bool { if case .reused = self { true } else { false } }
    var isEnded: Bool { if case .ended = self { true } else { false } }
}
