import Foundation
import Model

extension SQLiteAccounts {
    public func admit(
        _ attempt: LoginAttempt, under throttle: LoginThrottle, at now: Timestamp
    ) throws -> Duration? {
        // In a flood, most attempts are refused here, without waiting for the write lock.
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
            try db.undoAdmit(attempt, under: throttle)
            // The row exists since `admit`, unless a sweep has deleted it; one statement for both cases.
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
        try catalog.write { try $0.undoAdmit(attempt, under: throttle) }
    }

    public func pruneAttempts(at now: Timestamp) throws -> Int {
        try catalog.write { db in
            // A subquery limits the batch, because DELETE has LIMIT only in some builds of SQLite
            // (sqlite.org/lang_delete.html).
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
    /// Longer than the hour and three quarters after which 100 failures, and the 5 above the threshold, are
    /// forgiven.
    static let keep = Duration.seconds(2 * 3600)
    /// How long an address is known after a sign-in: longer than users usually stay away or travel.
    static let keepKnown = Duration.seconds(90 * 86400)

    var failures = 0
    var forgivenAt = Timestamp(milliseconds: 0)
    var blockedUntil = Timestamp(milliseconds: 0)
    var isKnown = false
    /// Attempts since the row was added: those that failed, even if forgiven, and those in progress.
    var tries = 0

    /// Failures that are not forgiven by `now`, and the time from which their forgiveness counts.
    func remaining(at now: Timestamp) -> (failures: Int, since: Timestamp) {
        let step = LoginThrottle.forgiveness.wholeMilliseconds
        let steps = max(0, now.milliseconds - forgivenAt.milliseconds) / step
        // A little ahead of `now`: another attempt at the same moment. Far ahead: the clock was set back.
        guard steps < failures, forgivenAt <= now + LoginThrottle.forgiveness else {
            return (0, now)
        }
        return (
            failures - Int(steps), Timestamp(milliseconds: forgivenAt.milliseconds + steps * step)
        )
    }
}

/// The counters of an attempt's three keys; nil for a key without a row.
private struct Standing {
    var pair: Counter?
    var account: Counter?
    var address: Counter?
    var isKnownDevice: Bool

    /// Whether this device, or any client at this address, has signed in to this account. Then it does not
    /// wait for failures of others, at the account or from the address.
    var isKnown: Bool { isKnownDevice || pair?.isKnown ?? false }

    func wait(at now: Timestamp) -> Duration? {
        let isFirst = pair.map { $0.tries < LoginThrottle.firstAttempts } ?? true
        let counters = [
            pair, isKnown ? nil : address, isKnown || isFirst ? nil : account,
        ].compactMap { $0 }
        let milliseconds = counters.map { $0.blockedUntil.milliseconds - now.milliseconds }
            // A wait that is longer than the longest means that the clock was set back.
            .filter { 0 < $0 && $0 <= LoginThrottle.longestWait.wholeMilliseconds }
        return milliseconds.max().map { .milliseconds($0) }
    }
}

extension Database {
    fileprivate func standing(of attempt: LoginAttempt) throws -> Standing {
        var standing = Standing(isKnownDevice: attempt.isKnownDevice)
        // One statement for the three keys: a refused attempt costs only this.
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
        // The first failure adds the row. `tries` is capped: only the first few are distinguished. `max`
        // keeps the longer time of a known pair.
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

    /// Undoes what `admit` counted. A wait of the account that other clients have caused stays: a first
    /// attempt is admitted despite it.
    fileprivate func undoAdmit(_ attempt: LoginAttempt, under throttle: LoginThrottle) throws {
        func undo(_ key: [UInt8], unblockingBelow threshold: Int) throws {
            // `failures` in `iif` is the count before this statement: UPDATE evaluates all right-hand sides
            // first (sqlite.org/lang_update.html). `max`, because failures may have been forgiven meanwhile.
            try run(
                """
                UPDATE attempt SET failures = max(0, failures - 1), tries = max(0, tries - 1),
                    blocked_until = iif(failures <= ?, 0, blocked_until)
                WHERE key = ?
                """, [threshold, key])
        }
        let isKnown = try standing(of: attempt).isKnown
        try undo(attempt.pair, unblockingBelow: .max)
        guard !isKnown else { return }
        try undo(attempt.address, unblockingBelow: .max)
        try undo(attempt.account, unblockingBelow: throttle.account)
    }
}
