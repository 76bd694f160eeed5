import Model

extension SQLiteAccounts {
    public func openSession(
        for account: Identifier<Account>, verified hash: String, rehashed: String?,
        userAgent: String?, at now: Timestamp
    ) throws -> Session? {
        try catalog.write { db in
            guard let account = try db.account(account, verified: hash) else { return nil }
            if let rehashed {
                try db.run(
                    "UPDATE account SET password_hash = ? WHERE id = ?",
                    [rehashed, account.id.text])
            }
            return try db.addSession(to: account, userAgent: userAgent, at: now)
        }
    }

    public func rotate(
        _ session: Identifier<Session>, generation: Int, grace: Duration, at now: Timestamp
    ) throws -> Rotation {
        // A token that is presented twice is usually answered here, without waiting for the write lock.
        let before = try self.session(session)
        if let before, before.wasCurrent(generation, within: grace, at: now) {
            return .current(before)
        }
        guard before != nil else { return .ended }

        return try catalog.write { db in
            guard let found = try db.session(session) else { return .ended }
            if found.wasCurrent(generation, within: grace, at: now) { return .current(found) }
            guard found.generation == generation else {
                try db.endSession(session, at: now)
                return .reused
            }
            try db.run(
                "UPDATE session SET generation = generation + 1, rotated_at = ? WHERE id = ?",
                [now.milliseconds, session.text])
            return .current(
                Session(
                    id: session, account: found.account, generation: generation + 1,
                    createdAt: found.createdAt, rotatedAt: now, userAgent: found.userAgent))
        }
    }

    public func session(_ id: Identifier<Session>) throws -> Session? {
        try catalog.read { try $0.session(id) }
    }

    public func sessions(
        of account: Identifier<Account>, rotatedSince moment: Timestamp, after last: SessionPlace?,
        limit: Int
    ) throws -> [Session] {
        try catalog.read { db in
            // The row value continues after `last` in the index session_living, which has this order. Without
            // `last` it begins above every row.
            try db.sessions(
                """
                WHERE session.account = ? AND ended_at IS NULL AND rotated_at >= ?
                    AND (rotated_at, session.id) < (?, ?)
                ORDER BY rotated_at DESC, session.id DESC LIMIT ?
                """,
                [
                    account.text, moment.milliseconds, last?.rotatedAt.milliseconds ?? .max,
                    last?.id.text ?? "", limit,
                ])
        }
    }

    @discardableResult
    public func endSession(_ id: Identifier<Session>, at now: Timestamp) throws -> Bool {
        try catalog.write { try $0.endSession(id, at: now) }
    }

    @discardableResult
    public func endSession(
        _ id: Identifier<Session>, of account: Identifier<Account>, at now: Timestamp
    ) throws -> Bool {
        try catalog.write { db in
            guard try db.session(id)?.account.id == account else { return false }
            return try db.endSession(id, at: now)
        }
    }

    public func endSessions(
        of account: Identifier<Account>, except kept: Identifier<Session>?, at now: Timestamp
    ) throws {
        try catalog.write { try $0.endSessions(of: account, except: kept, at: now) }
    }

    public func pruneSessions(rotatedBefore moment: Timestamp) throws -> Int {
        try catalog.write { db in
            // A subquery limits the batch, as in `pruneAttempts`.
            try db.run(
                """
                DELETE FROM session WHERE id IN
                    (SELECT id FROM session WHERE rotated_at < ? ORDER BY rotated_at LIMIT 500)
                """, [moment.milliseconds])
        }
    }
}

extension Database {
    func session(_ id: Identifier<Session>) throws -> Session? {
        try sessions("WHERE session.id = ? AND ended_at IS NULL", [id.text]).first
    }

    fileprivate func sessions(
        _ condition: String, _ arguments: Arguments
    ) throws -> [Session] {
        try all(
            """
            SELECT session.id AS id, generation, session.created_at AS created_at, rotated_at,
                user_agent, \(Account.columns)
            FROM session JOIN account ON account.id = session.account \(condition)
            """, arguments
        ) {
            try Session(
                id: $0["id"], account: Account($0), generation: $0["generation"],
                createdAt: $0["created_at"], rotatedAt: $0["rotated_at"],
                userAgent: $0["user_agent"])
        }
    }

    func addSession(
        to account: Account, userAgent: String?, at now: Timestamp
    ) throws -> Session {
        let session = Session(
            id: Identifier(at: now), account: account, generation: 0, createdAt: now,
            rotatedAt: now, userAgent: userAgent)
        try run(
            """
            INSERT INTO session (id, account, created_at, rotated_at, user_agent)
            VALUES (?, ?, ?, ?, ?)
            """,
            [session.id.text, account.id.text, now.milliseconds, now.milliseconds, userAgent])
        // Ends all but the `maxPerAccount` sessions that were rotated last. `id <> ?` keeps the new one,
        // even if the clock was set back. LIMIT -1 means all: OFFSET is not permitted without LIMIT.
        try run(
            """
            UPDATE session SET ended_at = ? WHERE id IN (
                SELECT id FROM session WHERE account = ? AND ended_at IS NULL AND id <> ?
                ORDER BY rotated_at DESC, id DESC LIMIT -1 OFFSET ?)
            """,
            [now.milliseconds, account.id.text, session.id.text, Session.maxPerAccount - 1])
        return session
    }

    @discardableResult
    fileprivate func endSession(_ id: Identifier<Session>, at now: Timestamp) throws -> Bool {
        try run(
            "UPDATE session SET ended_at = ? WHERE id = ? AND ended_at IS NULL",
            [now.milliseconds, id.text]) == 1
    }

    func endSessions(
        of account: Identifier<Account>, except kept: Identifier<Session>?, at now: Timestamp
    ) throws {
        // IS NOT, because without `kept` the parameter is NULL, and `id <> NULL` is true for no row.
        try run(
            """
            UPDATE session SET ended_at = ?
            WHERE account = ? AND ended_at IS NULL AND id IS NOT ?
            """, [now.milliseconds, account.text, kept?.text])
    }
}

extension Session {
    /// Whether `generation` is the previous one, and was replaced at most `grace` ago. Two requests may read
    /// the clock before one of them rotates, so a rotation slightly ahead of `now` counts too. One that is
    /// far ahead means that the clock was set back, and does not count.
    fileprivate func wasCurrent(
        _ generation: Int, within grace: Duration, at now: Timestamp
    ) -> Bool {
        generation == self.generation - 1
            && abs(now.milliseconds - rotatedAt.milliseconds) <= grace.wholeMilliseconds
    }
}
