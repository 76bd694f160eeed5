import Foundation
import Model

extension SQLiteAccounts {
    public func admit(
        _ attempt: LoginAttempt, under throttle: LoginThrottle, at now: Timestamp
    ) throws -> Duration? {
        // A flood is refused here, without waiting for the write lock.
        if let wait = try wait(of: attempt, at: now) { return wait }
        return try catalog.write { db in
            let standing = try db.standing(of: attempt)
            if let wait = standing.wait(at: now) { return wait }
            try db.count(standing.pair, attempt.pair, threshold: throttle.pair, at: now)
            if !standing.isKnown {
                try db.count(
                    standing.address, attempt.address, threshold: throttle.address, at: now)
                try db.count(
                    standing.account, attempt.account, threshold: throttle.account, at: now)
            }
            return nil
        }
    }

    public func wait(of attempt: LoginAttempt, at now: Timestamp) throws -> Duration? {
        try catalog.read { try $0.standing(of: attempt).wait(at: now) }
    }

    public func isKnown(_ attempt: LoginAttempt) throws -> Bool {
        try catalog.read { try $0.standing(of: attempt).isKnown }
    }

    public func succeed(
        _ attempt: LoginAttempt, under throttle: LoginThrottle, at now: Timestamp
    ) throws {
        try catalog.write { db in
            try db.takeBack(attempt, under: throttle)
            try db.run(
                """
                INSERT INTO attempt (key, failures, forgiven_at, blocked_until, known, keep_until)
                VALUES (:key, 0, :now, 0, 1, :until)
                ON CONFLICT (key) DO UPDATE SET failures = 0, forgiven_at = :now,
                    blocked_until = 0, tries = 0, known = 1, keep_until = :until
                """,
                [
                    "key": attempt.pair, "now": now.milliseconds,
                    "until": (now + Counter.keepKnown).milliseconds,
                ])
        }
    }

    public func withdraw(_ attempt: LoginAttempt, under throttle: LoginThrottle) throws {
        try catalog.write { try $0.takeBack(attempt, under: throttle) }
    }

    public func pruneAttempts(at now: Timestamp) throws -> Int {
        try catalog.write { db in
            try db.run(
                """
                DELETE FROM attempt WHERE key IN
                    (SELECT key FROM attempt WHERE keep_until < ? ORDER BY keep_until LIMIT 500)
                """, [now.milliseconds])
        }
    }
}

/// A row of `attempt`.
private struct Counter {
    /// Above the hour and three quarters after which 100 failures and a few are forgiven.
    static let keep = Duration.seconds(2 * 3600)
    /// How long an address that signed in is known: longer than people stay away, or travel.
    static let keepKnown = Duration.seconds(90 * 86400)

    var failures = 0
    var forgivenAt = Timestamp(milliseconds: 0)
    var blockedUntil = Timestamp(milliseconds: 0)
    var isKnown = false
    /// Those that failed since the row is there, forgiven ones too, and those under way.
    var tries = 0

    /// Failures not forgiven by `now`, and from when on forgiveness counts for them.
    func remaining(at now: Timestamp) -> (failures: Int, since: Timestamp) {
        let step = LoginThrottle.forgiveness.wholeMilliseconds
        let steps = max(0, now.milliseconds - forgivenAt.milliseconds) / step
        // A little ahead of `now` is another try of this moment; far ahead, the clock was set back.
        guard steps < failures, forgivenAt <= now + LoginThrottle.forgiveness else {
            return (0, now)
        }
        return (
            failures - Int(steps), Timestamp(milliseconds: forgivenAt.milliseconds + steps * step)
        )
    }
}

/// What is known about an attempt's three keys.
private struct Standing {
    var pair: Counter?
    var account: Counter?
    var address: Counter?
    var isKnownDevice: Bool

    /// Whether this device, or anyone from this address, signed in to this account: what others do, to
    /// the account or from the address, is then no reason to wait.
    var isKnown: Bool { isKnownDevice || pair?.isKnown ?? false }

    func wait(at now: Timestamp) -> Duration? {
        let isFirst = pair.map { $0.tries < LoginThrottle.firstTries } ?? true
        let counters = [
            pair, isKnown ? nil : address, isKnown || isFirst ? nil : account,
        ].compactMap { $0 }
        let milliseconds = counters.map { $0.blockedUntil.milliseconds - now.milliseconds }
            // More than the longest means that the clock was set back.
            .filter { 0 < $0 && $0 <= LoginThrottle.longestWait.wholeMilliseconds }
        return milliseconds.max().map { .milliseconds($0) }
    }
}

extension Database {
    fileprivate func standing(of attempt: LoginAttempt) throws -> Standing {
        var standing = Standing(isKnownDevice: attempt.isKnownDevice)
        let rows = try all(
            """
            SELECT key, failures, forgiven_at, blocked_until, known, tries FROM attempt
            WHERE key IN (?, ?, ?)
            """, [attempt.pair, attempt.account, attempt.address]
        ) {
            try (
                key: $0["key"] as [UInt8],
                counter: Counter(
                    failures: $0["failures"], forgivenAt: $0["forgiven_at"],
                    blockedUntil: $0["blocked_until"], isKnown: $0["known"], tries: $0["tries"])
            )
        }
        for row in rows {
            switch row.key {
            case attempt.pair: standing.pair = row.counter
            case attempt.account: standing.account = row.counter
            default: standing.address = row.counter
            }
        }
        return standing
    }

    fileprivate func count(
        _ counter: Counter?, _ key: [UInt8], threshold: Int, at now: Timestamp
    ) throws {
        let (remaining, since) = (counter ?? Counter()).remaining(at: now)
        let failures = min(remaining + 1, LoginThrottle.mostFailures(threshold: threshold))
        let wait = LoginThrottle.wait(after: failures, threshold: threshold)
        try run(
            """
            INSERT INTO attempt (key, failures, forgiven_at, blocked_until, tries, keep_until)
            VALUES (:key, :failures, :since, :until, 1, :keep)
            ON CONFLICT (key) DO UPDATE SET failures = :failures, forgiven_at = :since,
                blocked_until = :until, tries = min(tries + 1, 1000),
                keep_until = max(keep_until, :keep)
            """,
            [
                "key": key, "failures": failures, "since": since.milliseconds,
                "until": wait == .zero ? 0 : (now + wait).milliseconds,
                "keep": (now + Counter.keep).milliseconds,
            ])
    }

    /// As it was before the try was admitted. What the account waits for because of others stays: a
    /// first try is admitted in spite of it.
    fileprivate func takeBack(_ attempt: LoginAttempt, under throttle: LoginThrottle) throws {
        func takeBack(_ key: [UInt8], unblockingBelow threshold: Int) throws {
            try run(
                """
                UPDATE attempt SET failures = max(0, failures - 1), tries = max(0, tries - 1),
                    blocked_until = iif(failures <= ?, 0, blocked_until)
                WHERE key = ?
                """, [threshold, key])
        }
        let isKnown = try standing(of: attempt).isKnown
        try takeBack(attempt.pair, unblockingBelow: .max)
        guard !isKnown else { return }
        try takeBack(attempt.address, unblockingBelow: .max)
        try takeBack(attempt.account, unblockingBelow: throttle.account)
    }
}
