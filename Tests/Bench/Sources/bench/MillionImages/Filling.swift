import Model
import Support

/// How many images and accounts a catalog is filled with.
struct Filling {
    /// Complete images, with all their variants.
    let images: Int
    /// Further images, each with a waiting job.
    let waiting: Int
    let accounts: Int

    /// Every tenth complete image belongs to `owner`; the others, and all waiting ones, belong to the other
    /// accounts in turn. Rows are added in the order of upload, so that indexes grow as they do in use.
    ///
    /// - Parameters:
    ///   - path: of a catalog that Multires made, and that no process has open.
    ///   - owner: an account that exists.
    func fill(_ path: String, owner: Identifier<Account>) throws {
        let output = try Shell.run("sqlite3", ["-bail", path], input: Array(sql(owner).utf8))
        guard output.status == 0 else { throw NotRunning(description: output.errors) }
    }

    private func sql(_ owner: Identifier<Account>) -> String {
        """
        PRAGMA journal_mode = OFF;
        PRAGMA synchronous = OFF;
        PRAGMA cache_size = -1500000;
        PRAGMA temp_store = MEMORY;
        BEGIN;

        CREATE TEMP TABLE owner (number INTEGER PRIMARY KEY, id TEXT);
        INSERT INTO owner VALUES (0, '\(owner)');
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT \(accounts - 1))
        INSERT INTO owner SELECT i, \(Self.identifier(at: "\(Self.start) + i")) FROM n;
        INSERT INTO account (id, email, password_hash, created_at)
            SELECT id, id || '@example.org', '', \(Self.start) FROM owner WHERE number > 0;

        WITH RECURSIVE
            n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT \(images + waiting)),
            plan AS (SELECT i, i < \(images) AS done, \(Self.start) + i * 10 AS at FROM n)
        INSERT INTO image (id, account, digest, bytes, original_name, alt, format, fit, visibility,
            uploaded_at, status, attempts, processed_at, width, height, placeholder, variants)
        SELECT \(Self.identifier(at: "at")),
            (SELECT id FROM owner WHERE number = iif(done AND i % 10 = 0, 0, 1 + i % \(accounts - 1))),
            randomblob(32), 3000000 + i % 4000000, printf('IMG_%08d.jpg', i), '', 'jpeg', 'cover',
            'private', at, iif(done, 'complete', 'pending'), done, iif(done, at + 300, NULL),
            iif(done, 4032, NULL), iif(done, 3024, NULL),
            iif(done, 'data:image/webp;base64,' || hex(randomblob(70)), NULL),
            iif(done, '\(Self.sizes)', NULL)
        FROM plan;

        INSERT INTO job (id, image, account, state, attempts, ended_at, request_id, queued_at)
        SELECT \(Self.identifier(at: "uploaded_at")), id, account,
            iif(status = 'complete', 'done', 'ready'), attempts, processed_at,
            iif(status = 'complete', NULL, lower(hex(randomblob(16)))), uploaded_at
        FROM image;

        UPDATE account SET images = (SELECT count(*) FROM image WHERE account = account.id),
            bytes = (SELECT total(bytes) FROM image WHERE account = account.id),
            waiting = (SELECT count(*) FROM job WHERE account = account.id AND state = 'ready');
        COMMIT;
        PRAGMA journal_mode = WAL;
        """
    }

    /// In milliseconds. 100 images are added per second from then on, so the last one is in the past.
    private static let start = 1_700_000_000_000

    /// SQL for a new UUID of version 7 with that time, which must name a column: SQLite evaluates a subquery
    /// without columns only once, so all rows would have the same id.
    private static func identifier(at milliseconds: String) -> String {
        """
        (SELECT printf('%s-%s-7%s-8%s-%s', substr(time, 1, 8), substr(time, 9), substr(rest, 1, 3),
            substr(rest, 4, 3), substr(rest, 7, 12))
        FROM (SELECT printf('%012x', \(milliseconds)) AS time, lower(hex(randomblob(9))) AS rest))
        """
    }

    /// The variants of the standard preset, with the bytes of a usual photo.
    private static var sizes: String {
        let preset = Preset.standard
        return preset.sizes.map { size in
            let side = size.box.width
            return
                "\(size.name) \(preset.revision(of: size)) jpeg \(side) \(side) \(side * side / 8)"
        }.joined(separator: "\n")
    }
}
