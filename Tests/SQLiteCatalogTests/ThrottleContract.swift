import Model
import Settings
import Support
import Testing

/// Attempts are refused by their times alone, so these tests move the clock instead of waiting.
@Suite("AccountStore contract: login throttle")
struct ThrottleContract {
    let sites = TemporaryCatalogs()
    let throttle = LoginThrottle(pair: 5, account: 20, address: 100)

    @Test(
        "After five wrong passwords for a pair, each further one doubles the wait, up to 30 s",
        arguments: Implementation.allCases)
    func pairs(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        for _ in 1...5 {
            #expect(try store.accounts.admit(attempt, under: throttle, at: noon) == nil)
        }
        var moment = noon
        for seconds in [1, 2, 4, 8, 16] {
            let wait = try #require(try store.accounts.admit(attempt, under: throttle, at: moment))
            #expect(wait == .seconds(seconds))
            moment = moment + wait
            #expect(try store.accounts.admit(attempt, under: throttle, at: moment) == nil)
        }
        for _ in 1...3 {
            #expect(try store.accounts.admit(attempt, under: throttle, at: moment) == .seconds(30))
            moment = moment + .seconds(30)
            #expect(try store.accounts.admit(attempt, under: throttle, at: moment) == nil)
        }
        // Another account or another address is not affected.
        for other in [(1, 2), (2, 1)] {
            let attempt = LoginAttempt(account: other.0, address: other.1)
            #expect(try store.accounts.admit(attempt, under: throttle, at: moment) == nil)
        }
    }

    @Test("Refused attempts do not lengthen the wait", arguments: Implementation.allCases)
    func refused(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        for _ in 1...5 { _ = try store.accounts.admit(attempt, under: throttle, at: noon) }
        for _ in 1...50 {
            #expect(try store.accounts.admit(attempt, under: throttle, at: noon) == .seconds(1))
        }
        #expect(try store.accounts.admit(attempt, under: throttle, at: noon + .seconds(1)) == nil)
    }

    @Test(
        "Of 20 parallel attempts from one address, no more are admitted than in sequence",
        arguments: Implementation.allCases)
    func parallel(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        let waits = try atOnce(20) { _ in
            try site.open().accounts.admit(
                LoginAttempt(account: 1, address: 1), under: throttle, at: noon)
        }
        #expect(waits.count { $0 == nil } == 5)
        // Nor if an attempt read its clock before another one that was counted first.
        let store: any Catalog = try site.open()
        let admitted = try (0..<20).count { number in
            try store.accounts.admit(
                LoginAttempt(account: 2, address: 2), under: throttle,
                at: noon - .milliseconds(number)) == nil
        }
        #expect(admitted == 5)
    }

    @Test(
        "After 20 failures at an account, addresses that never signed in to it must wait",
        arguments: Implementation.allCases)
    func accounts(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let home = LoginAttempt(account: 1, address: 1)
        #expect(try store.accounts.admit(home, under: throttle, at: noon) == nil)
        try store.accounts.succeed(home, under: throttle, at: noon)
        for address in 2...21 {
            let attempt = LoginAttempt(account: 1, address: address)
            #expect(try store.accounts.admit(attempt, under: throttle, at: noon) == nil)
        }
        let unknown = LoginAttempt(account: 1, address: 99)
        #expect(try store.accounts.admit(unknown, under: throttle, at: noon) == nil)
        #expect(try store.accounts.admit(unknown, under: throttle, at: noon) == nil)
        let wait = try #require(try store.accounts.admit(unknown, under: throttle, at: noon))
        #expect(wait > .zero)
        #expect(try store.accounts.admit(unknown, under: throttle, at: noon + wait) == nil)
        #expect(try store.accounts.admit(home, under: throttle, at: noon) == nil)
    }

    @Test(
        "After 100 failures an address must wait, except at accounts that it signed in to",
        arguments: Implementation.allCases)
    func addresses(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let own = LoginAttempt(account: 0, address: 1)
        for account in 1...99 {
            let attempt = LoginAttempt(account: account, address: 1)
            #expect(try store.accounts.admit(attempt, under: throttle, at: noon) == nil)
        }
        #expect(try store.accounts.admit(own, under: throttle, at: noon) == nil)
        try store.accounts.succeed(own, under: throttle, at: noon)
        let next = LoginAttempt(account: 100, address: 1)
        #expect(try store.accounts.admit(next, under: throttle, at: noon) == nil)
        // Now the address is known at its own account and unknown at others.
        #expect(try store.accounts.admit(own, under: throttle, at: noon) == nil)
        #expect(
            try store.accounts.admit(
                LoginAttempt(account: 101, address: 1), under: throttle, at: noon) == .seconds(1))
        #expect(
            try store.accounts.admit(
                LoginAttempt(account: 7, address: 2), under: throttle, at: noon) == nil)
    }

    @Test("A right password resets the count of the pair", arguments: Implementation.allCases)
    func success(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        for round in 0..<3 {
            let moment = noon + .seconds(round)
            for _ in 1...5 {
                #expect(try store.accounts.admit(attempt, under: throttle, at: moment) == nil)
            }
            try store.accounts.succeed(attempt, under: throttle, at: moment)
        }
        #expect(try store.accounts.admit(attempt, under: throttle, at: noon + .seconds(3)) == nil)
    }

    @Test("A withdrawn attempt does not count", arguments: Implementation.allCases)
    func withdrawn(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        for _ in 1...200 {
            #expect(try store.accounts.admit(attempt, under: throttle, at: noon) == nil)
            try store.accounts.withdraw(attempt, under: throttle)
        }
    }

    @Test(
        "One failure is forgiven per minute, regardless of the length of an attack",
        arguments: Implementation.allCases)
    func forgiven(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        var moment = noon
        for _ in 1...500 {
            let wait = try store.accounts.admit(attempt, under: throttle, at: moment) ?? .zero
            #expect(wait <= LoginThrottle.longestWait)
            moment = moment + wait
        }
        // At most ten failures are remembered, so after seven minutes some attempts are free, but not all
        // five.
        moment = moment + LoginThrottle.forgiveness * 7
        let admitted = try (1...10).count { _ in
            try store.accounts.admit(attempt, under: throttle, at: moment) == nil
        }
        #expect((1...4).contains(admitted))
    }

    /// An attack without pauses: six guesses per second from each address, for 210 s. The owner signs in
    /// after 20, 70, 120 and 170 s, repeats a refused attempt, and mistypes the first one if `mistypes`.
    /// Returns how many guesses were admitted, and how many attempts each of the owner's sign-ins took.
    private func attack(
        on store: any Catalog, from addresses: ClosedRange<Int>, owner: LoginAttempt? = nil,
        mistypes: Bool = false, order: [Int] = []
    ) throws -> (guesses: Int, ownerTries: [Int]) {
        let throttle = try Configuration([:]).loginThrottle
        var guesses = 0
        var ownerTries: [Int] = []
        for second in 0..<210 {
            for address in order.isEmpty ? Array(addresses) : order {
                for _ in 0..<6 {
                    let guess = LoginAttempt(account: 1, address: address)
                    let moment = noon + .seconds(second)
                    if try store.accounts.admit(guess, under: throttle, at: moment) == nil {
                        guesses += 1
                    }
                }
            }
            guard let owner, [20, 70, 120, 170].contains(second) else { continue }
            // The owner has another address each time.
            let place = LoginAttempt(
                account: owner.account, address: digest(second << 8 | 4),
                pair: owner.isKnownDevice ? owner.pair : digest(second << 8 | 5),
                isKnownDevice: owner.isKnownDevice)
            var tries = 0
            repeat {
                tries += 1
                let wait = try store.accounts.admit(
                    place, under: throttle, at: noon + .seconds(second))
                if wait == nil, !(mistypes && tries == 1) {
                    try store.accounts.succeed(place, under: throttle, at: noon + .seconds(second))
                    break
                }
            } while tries < 10
            ownerTries.append(tries)
        }
        return (guesses, ownerTries)
    }

    @Test(
        "In 210 s, one address can make at most 15 guesses at an account, and eight at most 40",
        arguments: Implementation.allCases)
    func attacked(_ implementation: Implementation) throws {
        let site = try sites.new(implementation)
        #expect(try attack(on: site.open(), from: 1...1).guesses <= 15)
        let eight: any Catalog = try sites.new(implementation).open()
        #expect(try attack(on: eight, from: 1...8).guesses <= 40)
    }

    @Test(
        "Eight addresses can make at most 40 guesses, however they distribute them",
        arguments: Fuzz.seeds(3))
    func fuzzSchedules(seed: UInt64) throws {
        let store: any Catalog = try sites.new(.sqliteWAL).open()
        let throttle = try Configuration([:]).loginThrottle
        var random = SeededNumbers(seed)
        // Some save their first attempts until others have used theirs.
        let begins = (1...8).map { _ in Int.random(in: 0...Int(seed % 6 + 1) * 30, using: &random) }
        var guesses = 0
        for second in 0..<210 {
            for address in (1...8).shuffled(using: &random) where begins[address - 1] <= second {
                let guess = LoginAttempt(account: 1, address: address)
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let moment = noon + .seconds(second)
                    if try store.accounts.admit(guess, under: throttle, at: moment) == nil {
                        guesses += 1
                    }
                }
            }
        }
        #expect(guesses <= 40)
    }

    @Test(
        "During an attack, the owner can sign in from a new address, even after mistyping once",
        arguments: Implementation.allCases)
    func ownerAttacked(_ implementation: Implementation) throws {
        for mistypes in [false, true] {
            let store: any Catalog = try sites.new(implementation).open()
            let result = try attack(
                on: store, from: 1...8, owner: LoginAttempt(account: 1, address: 50),
                mistypes: mistypes)
            #expect(result.ownerTries == Array(repeating: mistypes ? 2 : 1, count: 4))
            // The owner's attempts do not help the attackers.
            #expect(result.guesses <= 40)
        }
    }

    @Test(
        "At an attacker's address, users with a known device or earlier sign-in can sign in",
        arguments: Implementation.allCases)
    func shared(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let neighbour = LoginAttempt(account: 7, address: 1)
        #expect(try store.accounts.admit(neighbour, under: throttle, at: noon) == nil)
        try store.accounts.succeed(neighbour, under: throttle, at: noon)
        #expect(try store.accounts.isKnown(neighbour))
        for account in 100..<300 {
            _ = try store.accounts.admit(
                LoginAttempt(account: account, address: 1), under: throttle, at: noon)
        }
        for _ in 1...10 {
            _ = try store.accounts.admit(
                LoginAttempt(account: 8, address: 1), under: throttle, at: noon)
        }
        // The address must wait at account 9, which never signed in from it.
        #expect(
            try store.accounts.admit(
                LoginAttempt(account: 9, address: 1), under: throttle, at: noon) != nil)
        #expect(try store.accounts.admit(neighbour, under: throttle, at: noon) == nil)
        let device = LoginAttempt(
            account: digest(8 << 8 | 1), address: digest(1 << 8 | 2), pair: digest(77),
            isKnownDevice: true)
        #expect(try store.accounts.isKnown(device))
        #expect(try store.accounts.admit(device, under: throttle, at: noon) == nil)
        // A known device does not help guessing: it is throttled separately.
        let admitted = try (0..<20).count { _ in
            try store.accounts.admit(device, under: throttle, at: noon) == nil
        }
        #expect(admitted == throttle.pair - 1)
    }

    @Test(
        "A right or withdrawn first attempt does not end the wait that others have caused",
        arguments: Implementation.allCases)
    func keepsWaiting(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let unknown = LoginAttempt(account: 1, address: 500)
        for _ in 1...3 { _ = try store.accounts.admit(unknown, under: throttle, at: noon) }
        for address in 1...30 {
            for _ in 1...3 {
                _ = try store.accounts.admit(
                    LoginAttempt(account: 1, address: address), under: throttle, at: noon)
            }
        }
        #expect(try store.accounts.admit(unknown, under: throttle, at: noon) != nil)
        for (address, isRight) in [(600, true), (601, false)] {
            let owner = LoginAttempt(account: 1, address: address)
            #expect(try store.accounts.admit(owner, under: throttle, at: noon) == nil)
            if isRight {
                try store.accounts.succeed(owner, under: throttle, at: noon)
            } else {
                try store.accounts.withdraw(owner, under: throttle)
            }
            #expect(try store.accounts.admit(unknown, under: throttle, at: noon) != nil)
        }
    }

    @Test(
        "A clock that was set back by a year locks no user out", arguments: Implementation.allCases)
    func clock(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let attempt = LoginAttempt(account: 1, address: 1)
        for _ in 1...6 { _ = try store.accounts.admit(attempt, under: throttle, at: noon) }
        let past = noon - .seconds(365 * 86400)
        #expect(try store.accounts.admit(attempt, under: throttle, at: past) == nil)
    }

    @Test(
        "Attempts are pruned when they make no difference, known addresses after 90 days",
        arguments: Implementation.allCases)
    func prunes(_ implementation: Implementation) throws {
        let store: any Catalog = try sites.new(implementation).open()
        let home = LoginAttempt(account: 1, address: 1)
        _ = try store.accounts.admit(home, under: throttle, at: noon)
        try store.accounts.succeed(home, under: throttle, at: noon)
        for address in 2...40 {
            _ = try store.accounts.admit(
                LoginAttempt(account: 1, address: address), under: throttle, at: noon)
        }
        #expect(try store.accounts.pruneAttempts(at: noon + .seconds(3600)) == 0)
        // Rows of the 39 admitted attempts: 39 addresses, 39 pairs, the account, and the first address.
        #expect(try store.accounts.pruneAttempts(at: noon + .seconds(3 * 3600)) == 80)
        let later = noon + .seconds(80 * 86400)
        for address in 2...21 {
            _ = try store.accounts.admit(
                LoginAttempt(account: 1, address: address), under: throttle, at: later)
        }
        #expect(try store.accounts.admit(home, under: throttle, at: later) == nil)
        try store.accounts.withdraw(home, under: throttle)
        #expect(try store.accounts.pruneAttempts(at: noon + .seconds(91 * 86400)) == 42)
        #expect(try store.accounts.pruneAttempts(at: noon + .seconds(91 * 86400)) == 0)
    }
}

extension LoginAttempt {
    init(account: Int, address: Int) {
        self.init(
            account: digest(account << 8 | 1), address: digest(address << 8 | 2),
            pair: digest((account << 16 | address) << 8 | 3))
    }
}
