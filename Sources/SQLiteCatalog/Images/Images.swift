import Foundation
import Model

extension SQLiteImages: ImageStore {
    public func admit(from owner: Identifier<Account>, within allowance: Allowance) throws {
        // Every upload has at least one byte.
        try catalog.snapshot { try $0.checkRoom(for: 1, of: owner, within: allowance) }
    }

    public func add(_ new: NewImage, within allowance: Allowance) throws -> AddImageResult {
        let image = new.image
        return try catalog.write { db in
            if let known = try db.image(idempotentWith: new) ?? db.image(with: new) {
                try db.remember(new, as: known.image.id)
                return .duplicate(known.image, job: known.job)
            }
            try db.checkRoom(for: image.bytes, of: image.account, within: allowance)
            let job = Identifier<Job>(at: image.uploadedAt)
            try db.insert(new)
            try db.run(
                """
                INSERT INTO job (id, image, account, request_id, queued_at) VALUES (?, ?, ?, ?, ?)
                """,
                [
                    job.text, image.id.text, image.account.text, new.requestID,
                    image.uploadedAt.milliseconds,
                ])
            try db.run(
                "UPDATE account SET images = images + 1, bytes = bytes + ? WHERE id = ?",
                [image.bytes, image.account.text])
            try db.remember(new, as: image.id)
            return .added(job: job)
        }
    }

    public func image(_ id: Identifier<Image>, of owner: Identifier<Account>) throws -> Image? {
        try catalog.read { try $0.image(id, of: owner) }
    }

    public func image(
        digest: [UInt8], fit: Fit, of owner: Identifier<Account>
    ) throws -> Image? {
        try catalog.snapshot { db in
            try db.image(digest: digest, fit: fit, of: owner).flatMap {
                try db.image($0, of: owner)
            }
        }
    }

    public func progress(
        of ids: [Identifier<Image>], owner: Identifier<Account>
    ) throws -> [ImageProgress] {
        try catalog.read { db in
            // One lookup for each id, so that the statement is the same for any number of ids. The column
            // `variants` is NULL unless the image is complete: while lost variants are rendered again, it
            // still lists them.
            try ids.compactMap { id in
                try db.first(
                    """
                    SELECT status, attempts, failure_code, failure,
                        iif(status = 'complete', variants, NULL) AS variants
                    FROM image WHERE id = ? AND account = ? AND deleting_at IS NULL
                    """, [id.text, owner.text]
                ) {
                    try ImageProgress(
                        id: id, status: $0["status"], attempts: $0["attempts"],
                        failure: $0.failure(),
                        variants: VariantLines.names($0.column("variants").text))
                }
            }
        }
    }

    public func list(of owner: Identifier<Account>, where filter: ImageFilter) throws -> [Image] {
        // Only the conditions that are needed, instead of `(? IS NULL OR status = ?)`: with a status the
        // planner takes the index image_status, without one image_account. Both have the order of the list.
        var conditions = "account = ? AND deleting_at IS NULL"
        var arguments: Arguments = [owner.text]
        if let status = filter.status {
            conditions += " AND status = ?"
            arguments += [status.rawValue]
        }
        if let before = filter.before {
            conditions += " AND id < ?"
            arguments += [before.text]
        }
        if let name = filter.name {
            // Not LIKE or GLOB: no character of a name is a wildcard.
            conditions += " AND \(NameSearch.function)(original_name, ?)"
            arguments += [NameSearch.folded(name)]
        }
        return try catalog.read { db in
            try db.images(
                "WHERE \(conditions) ORDER BY id DESC LIMIT ?",
                arguments + [filter.limit])
        }
    }

    public func count(of owner: Identifier<Account>, where filter: ImageFilter) throws -> Int {
        try catalog.snapshot { db in
            if let name = filter.name {
                return try db.countImages(
                    of: owner, filter.status,
                    "AND \(NameSearch.function)(original_name, ?)", [NameSearch.folded(name)])
            }
            if let status = filter.status, status != .complete {
                return try db.countImages(of: owner, status)
            }
            // Most images are complete, so they are not counted: `account.images` is the number of all, from
            // which the others are subtracted. INDEXED BY, because the planner would choose image_account and
            // read the entries of all the account's images, while image_deleting has only those that are
            // being deleted.
            let all =
                try db.value(
                    """
                    SELECT images - (SELECT count(*) FROM image INDEXED BY image_deleting
                        WHERE deleting_at IS NOT NULL AND image.account = account.id)
                    FROM account WHERE id = ?
                    """, [owner.text]
                ) ?? 0
            guard filter.status == .complete else { return all }
            return try ImageStatus.allCases.filter { $0 != .complete }
                .reduce(all) { try $0 - db.countImages(of: owner, $1) }
        }
    }

    public func change(
        _ id: Identifier<Image>, of owner: Identifier<Account>, to change: ImageChange
    ) throws -> Image? {
        try catalog.write { db in
            // One statement for any combination of changes: NULL leaves a column unchanged.
            try db.run(
                """
                UPDATE image SET original_name = ifnull(?, original_name), alt = ifnull(?, alt),
                    visibility = ifnull(?, visibility)
                WHERE id = ? AND account = ? AND deleting_at IS NULL
                """,
                [
                    change.originalName, change.alt, change.visibility?.rawValue, id.text,
                    owner.text,
                ])
            return try db.image(id, of: owner)
        }
    }

    public func retry(
        _ id: Identifier<Image>, of owner: Identifier<Account>, within allowance: Allowance,
        requestID: String?, at now: Timestamp
    ) throws -> (image: Image, job: Identifier<Job>, queued: Bool)? {
        try catalog.write { db in
            guard let image = try db.image(id, of: owner), let job = try db.job(of: id) else {
                return nil
            }
            // Another image with the same bytes and fit: two that have not failed would violate the unique
            // index image_content.
            let isReplaced = try db.exists(
                """
                SELECT 1 FROM image AS failed JOIN image AS other
                    ON other.account = failed.account AND other.digest = failed.digest
                    AND other.fit = failed.fit
                WHERE failed.id = ? AND other.deleting_at IS NULL AND other.status <> 'failed'
                """, [id.text])
            guard image.status == .failed, !isReplaced else { return (image, job, false) }
            try db.checkQueue(of: owner, within: allowance)
            // The trigger job_moved makes the image pending, because `rerender` is 0.
            try db.run(
                """
                UPDATE job SET state = 'ready', rerender = 0, attempts = 0, not_before = 0,
                    ended_at = NULL, failure_code = NULL, failure = NULL, request_id = ?,
                    queued_at = ?
                WHERE id = ?
                """, [requestID, now.milliseconds, job.text])
            return try db.image(id, of: owner).map { ($0, job, true) }
        }
    }

    public func published(among ids: [Identifier<Image>]) throws -> Set<Identifier<Image>> {
        try catalog.read { db in
            Set(
                try ids.filter {
                    try db.exists(
                        "SELECT 1 FROM image WHERE id = ? AND \(Self.isPublished)", [$0.text])
                })
        }
    }

    public func published(
        after last: Identifier<Image>?, limit: Int
    ) throws -> [Identifier<Image>] {
        try catalog.read { db in
            try db.values(
                "SELECT id FROM image WHERE id > ? AND \(Self.isPublished) ORDER BY id LIMIT ?",
                [last?.text ?? "", limit]
            )
        }
    }

    /// The condition of the index image_published.
    private static let isPublished =
        "visibility = 'public' AND status = 'complete' AND deleting_at IS NULL"

    public func inventory(after last: Identifier<Image>?, limit: Int) throws -> [StoredImage] {
        // A second lookup for each digest, in the same snapshot: `images` does not read it, because lists do
        // not need it.
        try catalog.snapshot { db in
            try db.images(
                "WHERE id > ? AND deleting_at IS NULL ORDER BY id LIMIT ?",
                [last?.text ?? "", limit]
            ).compactMap { image in
                try db.value("SELECT digest FROM image WHERE id = ?", [image.id.text]).map {
                    StoredImage(image: image, digest: $0)
                }
            }
        }
    }

    public func totals() throws -> [ImageStatus: Usage] {
        // One pass over the index image_status with a FILTER for each status. GROUP BY status would sort all
        // rows in memory, because the index begins with the account.
        let sums = ImageStatus.allCases.map { status in
            let isIt = "status = '\(status.rawValue)'"
            return "count(*) FILTER (WHERE \(isIt)), ifnull(sum(bytes) FILTER (WHERE \(isIt)), 0)"
        }
        let found = try catalog.read { db in
            try db.first(
                "SELECT \(sums.joined(separator: ", ")) FROM image WHERE deleting_at IS NULL", []
            ) { row in
                try ImageStatus.allCases.indices.map {
                    try Usage(images: row[at: 2 * $0], bytes: row[at: 2 * $0 + 1])
                }
            }
        }
        let totals = zip(ImageStatus.allCases, found ?? []).filter { $0.1.images > 0 }
        return Dictionary(uniqueKeysWithValues: totals)
    }

    public func newestUpload() throws -> Timestamp? {
        try catalog.read { db in
            // Not max(uploaded_at), for which there is no index: ids sort by upload time.
            try db.value("SELECT uploaded_at FROM image ORDER BY id DESC LIMIT 1")
        }
    }

    public func existing(_ ids: [Identifier<Image>]) throws -> Set<Identifier<Image>> {
        try catalog.read { db in
            Set(
                try ids.filter {
                    try db.exists("SELECT 1 FROM image WHERE id = ?", [$0.text])
                })
        }
    }

    public func pruneIdempotencyKeys(usedBefore moment: Timestamp) throws -> Int {
        try catalog.write { db in
            // A subquery limits the batch, as in `pruneAttempts`.
            try db.run(
                """
                DELETE FROM idempotency WHERE (account, key) IN
                    (SELECT account, key FROM idempotency WHERE used_at < ? LIMIT 500)
                """, [moment.milliseconds])
        }
    }
}

extension Database {
    func image(_ id: Identifier<Image>, of owner: Identifier<Account>) throws -> Image? {
        try images(
            "WHERE id = ? AND account = ? AND deleting_at IS NULL", [id.text, owner.text]
        ).first
    }

    func job(of image: Identifier<Image>) throws -> Identifier<Job>? {
        try value("SELECT id FROM job WHERE image = ?", [image.text])
    }

    /// Searches image_status when there is a status, else image_account, which has the names too, so that no
    /// row of the table is read.
    fileprivate func countImages(
        of owner: Identifier<Account>, _ status: ImageStatus?, _ condition: String = "",
        _ arguments: Arguments = []
    ) throws -> Int {
        let isStatus = status.map { "AND status = '\($0.rawValue)'" } ?? ""
        return try value(
            """
            SELECT count(*) FROM image
            WHERE account = ? AND deleting_at IS NULL \(isStatus) \(condition)
            """, [owner.text] + arguments
        ) ?? 0
    }

    /// - Parameter condition: from WHERE on.
    func images(_ condition: String, _ arguments: Arguments) throws -> [Image] {
        var reader = ImageReader()
        return try all(
            """
            SELECT id, account, original_name, alt, format, fit, visibility, bytes, uploaded_at,
                status, width, height, attempts, processed_at, failure_code, failure, placeholder,
                iif(status = 'complete', variants, NULL) AS variants
            FROM image \(condition)
            """, arguments
        ) { try reader.image($0) }
    }
}

/// Decodes the rows of one statement. Columns with the same value in most rows are decoded once.
private struct ImageReader {
    private var account = Repeated<Identifier<Account>>()
    private var format = Repeated<ImageFormat>()
    private var fit = Repeated<Fit>()
    private var visibility = Repeated<Visibility>()
    private var status = Repeated<ImageStatus>()

    mutating func image(_ row: Row) throws -> Image {
        let width: Int? = try row["width"]
        return try Image(
            id: row["id"], account: account.value(of: row.column("account")),
            originalName: row["original_name"], alt: row["alt"],
            format: format.value(of: row.column("format")), fit: fit.value(of: row.column("fit")),
            visibility: visibility.value(of: row.column("visibility")), bytes: row["bytes"],
            uploadedAt: row["uploaded_at"], status: status.value(of: row.column("status")),
            pixels: width.map { try PixelSize(width: $0, height: row["height"] ?? 0) },
            attempts: row["attempts"], processedAt: row["processed_at"], failure: row.failure(),
            variants: VariantLines.variants(row.column("variants").text),
            placeholder: row["placeholder"])
    }
}
