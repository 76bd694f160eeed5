import Foundation
import Model

/// The steps of `SQLiteImages.add`, which run inside its transaction.
extension Database {
    typealias Known = (image: Image, job: Identifier<Job>)

    /// Throws `quotaExceeded` when the account does not exist or its quota has no room for an original of
    /// `bytes`, and what `checkQueue` throws.
    func checkRoom(
        for bytes: Int64, of owner: Identifier<Account>, within allowance: Allowance
    ) throws {
        let account = try first(
            "SELECT \(Account.columns) FROM account WHERE id = ? AND deleting_at IS NULL",
            [owner.text]
        ) { try Account($0) }
        guard let account, case let quota = account.quota(allowance.quota),
            account.usage.images < quota.images, account.usage.bytes + bytes <= quota.bytes
        else { throw CatalogError.quotaExceeded }
        try checkQueue(of: owner, within: allowance)
    }

    /// Throws `accountQueueFull` or `queueFull`.
    func checkQueue(of owner: Identifier<Account>, within allowance: Allowance) throws {
        let own =
            try value("SELECT waiting + running FROM account WHERE id = ?", [owner.text]) ?? 0
        guard own < allowance.accountQueue else { throw CatalogError.accountQueueFull }
        let (ready, running) = try depth()
        guard ready + running < allowance.queue else { throw CatalogError.queueFull }
        guard own < allowance.accountQueue(beside: ready + running - own) else {
            throw CatalogError.accountQueueFull
        }
    }

    /// Numbers of ready jobs (without re-renders) and of running ones. Ready jobs may be many: they are the
    /// sum of the accounts' counters, which the index account_turn has only for accounts with ready jobs.
    /// Running ones are few: they are counted, in the index job_lease.
    func depth() throws -> (ready: Int, running: Int) {
        try first(
            """
            SELECT ifnull((SELECT sum(waiting) FROM account WHERE waiting > 0), 0) AS waiting,
                (SELECT count(*) FROM job WHERE state = 'running') AS running
            """
        ) { try ($0["waiting"], $0["running"]) } ?? (0, 0)
    }

    /// The image for which the idempotency key was used in the last 24 h; a key of a deleted image counts as
    /// unused. Throws `idempotencyConflict`.
    func image(idempotentWith new: NewImage) throws -> Known? {
        guard let key = new.idempotencyKey else { return nil }
        // The comparison is a column and not a condition: a key with other bytes is a conflict, and not new.
        let used = try first(
            """
            SELECT image.id AS id, idempotency.digest = ? AND idempotency.fit = ? AS is_same
            FROM idempotency JOIN image ON image.id = idempotency.image
            WHERE idempotency.account = ? AND key = ? AND used_at > ? AND deleting_at IS NULL
            """,
            [
                new.digest, new.image.fit.rawValue, new.image.account.text, key,
                (new.image.uploadedAt - .seconds(24 * 3600)).milliseconds,
            ]
        ) { try ($0["id"] as Identifier<Image>, $0["is_same"] as Bool) }
        guard let (id, isSame) = used else { return nil }
        guard isSame else { throw CatalogError.idempotencyConflict }
        return try known(id, of: new.image.account)
    }

    func image(with new: NewImage) throws -> Known? {
        let (owner, fit) = (new.image.account, new.image.fit)
        return try image(digest: new.digest, fit: fit, of: owner).flatMap {
            try known($0, of: owner)
        }
    }

    /// The image with these bytes and this fit that has not failed and is not being deleted. The last line
    /// is the condition of the unique index image_content, so there is at most one.
    func image(
        digest: [UInt8], fit: Fit, of owner: Identifier<Account>
    ) throws -> Identifier<Image>? {
        try value(
            """
            SELECT id FROM image WHERE account = ? AND digest = ? AND fit = ?
                AND deleting_at IS NULL AND status <> 'failed'
            """, [owner.text, digest, fit.rawValue]
        )
    }

    private func known(_ id: Identifier<Image>, of owner: Identifier<Account>) throws -> Known? {
        guard let image = try image(id, of: owner), let job = try job(of: id) else { return nil }
        return (image, job)
    }

    func insert(_ new: NewImage) throws {
        let image = new.image
        try run(
            """
            INSERT INTO image (id, account, digest, bytes, original_name, alt, format, fit,
                visibility, uploaded_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                image.id.text, image.account.text, new.digest, image.bytes,
                image.originalName, image.alt, image.format.rawValue, image.fit.rawValue,
                image.visibility.rawValue, image.uploadedAt.milliseconds,
            ])
    }

    /// Stores the idempotency key. Its 24 h begin with the first use: the WHERE leaves a valid key unchanged,
    /// and replaces one that has expired or whose image is being deleted.
    func remember(_ new: NewImage, as image: Identifier<Image>) throws {
        guard let key = new.idempotencyKey else { return }
        try run(
            """
            INSERT INTO idempotency (account, key, digest, fit, image, used_at)
            VALUES (:account, :key, :digest, :fit, :image, :now)
            ON CONFLICT (account, key) DO UPDATE
            SET digest = :digest, fit = :fit, image = :image, used_at = :now
            WHERE image <> :image OR used_at <= :expired
            """,
            [
                "account": new.image.account.text, "key": key, "digest": new.digest,
                "fit": new.image.fit.rawValue, "image": image.text,
                "now": new.image.uploadedAt.milliseconds,
                "expired": (new.image.uploadedAt - .seconds(24 * 3600)).milliseconds,
            ])
    }
}
