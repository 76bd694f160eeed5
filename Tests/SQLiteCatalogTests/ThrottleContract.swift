import Catalog
import Support
import Testing

/// Tries are refused by their times alone, so these tests move the clock instead of waiting.
@Suite("Any AccountStore's throttle")
struct ThrottleContract {
    let sites = Sites()
    let throttle = LoginThrottle(pair: 5, account: 20, address: 100)

    @Test(
        "Five wrong passwords for a pair are free, then each makes the next wait longer, to 30 s",
        arguments: Implementation.allCases)
    func pairs(_ implementation: Implementation) throws {
        let store: any Store = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        for _ in 1...5 { #expect(try store.admit(attempt, under: throttle, at: noon) == nil) }
        var moment = noon
        for seconds in [1, 2, 4, 8, 16] {
            let wait = try #require(try store.admit(attempt, under: throttle, at: moment))
            #expect(wait == .seconds(seconds))
            moment = moment + wait
            #expect(try store.admit(attempt, under: throttle, at: moment) == nil)
        }
        for _ in 1...3 {
            #expect(try store.admit(attempt, under: throttle, at: moment) == .seconds(30))
            moment = moment + .seconds(30)
            #expect(try store.admit(attempt, under: throttle, at: moment) == nil)
        }
        // Another account, or another address, is not meant.
        for other in [(1, 2), (2, 1)] {
            let attempt = LoginAttempt(account: other.0, address: other.1)
            #expect(try store.admit(attempt, under: throttle, at: moment) == nil)
        }
    }

    @Test("Refused tries do not lengthen the wait", arguments: Implementation.allCases)
    func refused(_ implementation: Implementation) throws {
        let store: any Store = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        for _ in 1...5 { _ = try store.admit(attempt, under: throttle, at: noon) }
        for _ in 1...50 {
            #expect(try store.admit(attempt, under: throttle, at: noon) == .seconds(1))
        }
        #expect(try store.admit(attempt, under: throttle, at: noon + .seconds(1)) == nil)
    }

    @Test(
        "20 tries at once by one address: no more pass than one after the other",
        arguments: Implementation.allCases)
    func parallel(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let waits = try atOnce(20) { _ in
            try site.open().admit(
                LoginAttempt(account: 1, address: 1), under: throttle, at: noon)
        }
        #expect(waits.count { $0 == nil } == 5)
        // Nor when one read its clock before another that was counted first.
        let store: any Store = try site.open()
        let admitted = try (0..<20).count { number in
            try store.admit(
                LoginAttempt(account: 2, address: 2), under: throttle,
                at: noon - .milliseconds(number)) == nil
        }
        #expect(admitted == 5)
    }

    @Test(
        "An account waits for addresses that never signed in to it, after 20 failures",
        arguments: Implementation.allCases)
    func accounts(_ implementation: Implementation) throws {
        let store: any Store = try sites.new(implementation).open()
        let home = LoginAttempt(account: 1, address: 1)
        #expect(try store.admit(home, under: throttle, at: noon) == nil)
        try store.succeed(home, at: noon)
        for address in 2...21 {
            let attempt = LoginAttempt(account: 1, address: address)
            #expect(try store.admit(attempt, under: throttle, at: noon) == nil)
        }
        let stranger = LoginAttempt(account: 1, address: 99)
        #expect(try store.admit(stranger, under: throttle, at: noon) == .seconds(1))
        #expect(try store.admit(home, under: throttle, at: noon) == nil)
    }

    @Test(
        "An address waits after 100 failures, for whichever accounts, and its own success does not help",
        arguments: Implementation.allCases)
    func addresses(_ implementation: Implementation) throws {
        let store: any Store = try sites.new(implementation).open()
        let own = LoginAttempt(account: 0, address: 1)
        for account in 1...99 {
            let attempt = LoginAttempt(account: account, address: 1)
            #expect(try store.admit(attempt, under: throttle, at: noon) == nil)
        }
        #expect(try store.admit(own, under: throttle, at: noon) == nil)
        try store.succeed(own, at: noon)
        let next = LoginAttempt(account: 100, address: 1)
        #expect(try store.admit(next, under: throttle, at: noon) == nil)
        #expect(try store.admit(own, under: throttle, at: noon) == .seconds(1))
        #expect(
            try store.admit(LoginAttempt(account: 7, address: 2), under: throttle, at: noon) == nil)
    }

    @Test("A right password begins the pair anew", arguments: Implementation.allCases)
    func success(_ implementation: Implementation) throws {
        let store: any Store = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        for round in 0..<3 {
            let moment = noon + .seconds(round)
            for _ in 1...5 { #expect(try store.admit(attempt, under: throttle, at: moment) == nil) }
            try store.succeed(attempt, at: moment)
        }
        #expect(try store.admit(attempt, under: throttle, at: noon + .seconds(3)) == nil)
    }

    @Test(
        "A password that was not tried after all does not count", arguments: Implementation.allCases
    )
    func withdrawn(_ implementation: Implementation) throws {
        let store: any Store = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        for _ in 1...200 {
            #expect(try store.admit(attempt, under: throttle, at: noon) == nil)
            try store.withdraw(attempt)
        }
    }

    @Test(
        "One failure is forgiven a minute, and no attack makes that last",
        arguments: Implementation.allCases)
    func forgiven(_ implementation: Implementation) throws {
        let store: any Store = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        var moment = noon
        for _ in 1...500 {
            let wait = try store.admit(attempt, under: throttle, at: moment) ?? .zero
            #expect(wait <= LoginThrottle.longestWait)
            moment = moment + wait
        }
        // Ten are remembered at the most, so after seven minutes some tries are free, but not all five.
        moment = moment + LoginThrottle.forgiveness * 7
        let admitted = try (1...10).count { _ in
            try store.admit(attempt, under: throttle, at: moment) == nil
        }
        #expect((1...4).contains(admitted))
    }

    @Test(
        "A clock that was set back by a year locks nobody out", arguments: Implementation.allCases)
    func clock(_ implementation: Implementation) throws {
        let store: any Store = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        for _ in 1...6 { _ = try store.admit(attempt, under: throttle, at: noon) }
        let past = noon - .seconds(365 * 86400)
        #expect(try store.admit(attempt, under: throttle, at: past) == nil)
    }

    @Test(
        "Attempts are forgotten when they make no difference; known addresses after 90 days",
        arguments: Implementation.allCases)
    func prunes(_ implementation: Implementation) throws {
        let store: any Store = try sites.new(implementation).open()
        let home = LoginAttempt(account: 1, address: 1)
        _ = try store.admit(home, under: throttle, at: noon)
        try store.succeed(home, at: noon)
        for address in 2...40 {
            _ = try store.admit(
                LoginAttempt(account: 1, address: address), under: throttle, at: noon)
        }
        #expect(try store.pruneAttempts(at: noon + .seconds(3600)) == 0)
        // 20 were admitted: their addresses and pairs, the account, and the first one's address.
        #expect(try store.pruneAttempts(at: noon + .seconds(3 * 3600)) == 42)
        let later = noon + .seconds(80 * 86400)
        for address in 2...21 {
            _ = try store.admit(
                LoginAttempt(account: 1, address: address), under: throttle, at: later)
        }
        #expect(try store.admit(home, under: throttle, at: later) == nil)
        try store.withdraw(home)
        #expect(try store.pruneAttempts(at: noon + .seconds(91 * 86400)) == 43)
        #expect(try store.pruneAttempts(at: noon + .seconds(91 * 86400)) == 0)
    }
}

extension LoginAttempt {
    init(account: Int, address: Int) {
        self.init(
            account: digest(account << 8 | 1), address: digest(address << 8 | 2),
            pair: digest((account << 16 | address) << 8 | 3))
    }
}
