/// The tables. Ids are lower-case UUIDs of version 7, times are whole milliseconds since 1970 unless
/// a remark says otherwise, and every table is STRICT, so a column holds what its type says.
///
/// A job's state is the truth about an image's work: triggers carry it to the image and to the
/// account's counters, so that no statement can forget to.
enum Schema {
    /// "MRES": tells a catalog from any other SQLite database.
    static let application = 0x4D52_4553
    /// `PRAGMA user_version`: the number of migrations a catalog has been through.
    static let version = migrations.count

    /// One that was ever released is never edited: add another.
    static let migrations: [Migration] = [
        {
            try $0.execute(accounts + images + jobs)
            try $0.execute("PRAGMA application_id = \(application)")
        },
        { try $0.execute(keysAndAttempts) },
        { try $0.execute(quotasAndRedos) },
        { try $0.execute(originOfJobs) },
        { try $0.execute(oldestOfQueue) },
        moveVariantsToImages,
        { try $0.execute(namesInIndex) },
        {
            try $0.execute(emailKeysAndLivingSessions)
            try fillEmailKeys($0)
        },
        // In it migrations were counted before.
        { try $0.execute("DROP TABLE IF EXISTS grdb_migrations") },
    ]

    private static let namesInIndex = """
        -- Lists, newest first, and the cascade of foreign keys. With the names in it a search reads no row
        -- that it does not find: a row has 1.5 KB, a name 30 bytes.
        DROP INDEX image_account;
        CREATE INDEX image_account ON image (account, id, deleting_at, original_name);
        """

    private static let accounts = """
        CREATE TABLE account (
            id            TEXT    NOT NULL PRIMARY KEY,
            email         TEXT    NOT NULL UNIQUE COLLATE NOCASE, -- case of ASCII letters ignored
            password_hash TEXT    NOT NULL,                       -- scrypt, as a PHC string
            created_at    INTEGER NOT NULL,
            images        INTEGER NOT NULL DEFAULT 0 CHECK (images >= 0),  -- its rows in image
            bytes         INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0),   -- of those originals
            waiting       INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0), -- its jobs that are ready
            running       INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0), -- its jobs under a lease
            served        INTEGER NOT NULL DEFAULT 0  -- its last claim's number among all claims
        ) STRICT, WITHOUT ROWID;

        -- Whose turn it is: only accounts with work, the least served first.
        CREATE INDEX account_turn ON account (running, served, waiting) WHERE waiting > 0;
        -- The number of the last claim.
        CREATE INDEX account_served ON account (served);

        CREATE TABLE session (
            id         TEXT    NOT NULL PRIMARY KEY,
            account    TEXT    NOT NULL REFERENCES account ON DELETE CASCADE,
            generation INTEGER NOT NULL DEFAULT 0, -- of its refresh token: rotations until now
            created_at INTEGER NOT NULL,
            rotated_at INTEGER NOT NULL,           -- when this generation began; created_at for 0
            ended_at   INTEGER,                    -- logout, password change or reuse; NULL: alive
            user_agent TEXT                        -- as sent at sign-in
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX session_account ON session (account);
        CREATE INDEX session_rotated ON session (rotated_at);
        """

    private static let images = """
        CREATE TABLE image (
            id            TEXT    NOT NULL PRIMARY KEY,
            account       TEXT    NOT NULL REFERENCES account,
            digest        BLOB    NOT NULL CHECK (length(digest) = 32), -- SHA-256 of the original
            bytes         INTEGER NOT NULL CHECK (bytes >= 0),          -- length of the original
            original_name TEXT    NOT NULL,
            alt           TEXT    NOT NULL,
            format        TEXT    NOT NULL, -- of the original, told by its first bytes
            fit           TEXT    NOT NULL CHECK (fit IN ('cover', 'inside')),
            visibility    TEXT    NOT NULL CHECK (visibility IN ('private', 'public')),
            uploaded_at   INTEGER NOT NULL,
            status        TEXT    NOT NULL DEFAULT 'pending' -- follows job.state
                          CHECK (status IN ('pending', 'processing', 'complete', 'failed')),
            attempts      INTEGER NOT NULL DEFAULT 0,        -- follows job.attempts
            processed_at  INTEGER,                           -- follows job.ended_at
            failure_code  TEXT,    -- for programs; follows job when failed, else NULL
            failure       TEXT,    -- a sentence for people; likewise
            width         INTEGER, -- pixels of the upright original; NULL until decoded
            height        INTEGER,
            placeholder   TEXT,    -- a data URI under 1 KB
            deleting_at   INTEGER  -- hidden since; NULL: not being deleted
        ) STRICT;

        -- Lists, newest first, and the cascade of foreign keys.
        CREATE INDEX image_account ON image (account, id);
        CREATE INDEX image_status ON image (account, status, id) WHERE deleting_at IS NULL;
        -- The same bytes with the same fit are one image.
        CREATE UNIQUE INDEX image_content ON image (account, digest, fit)
            WHERE deleting_at IS NULL AND status <> 'failed';
        -- What the sweeper asks for.
        CREATE INDEX image_deleting ON image (id) WHERE deleting_at IS NOT NULL;
        CREATE INDEX image_published ON image (id)
            WHERE visibility = 'public' AND status = 'complete' AND deleting_at IS NULL;

        CREATE TABLE variant (
            image    TEXT    NOT NULL REFERENCES image ON DELETE CASCADE,
            position INTEGER NOT NULL, -- smallest first, from 0
            name     TEXT    NOT NULL, -- the preset size's
            revision TEXT    NOT NULL, -- the preset's, part of the file name
            format   TEXT    NOT NULL,
            width    INTEGER NOT NULL,
            height   INTEGER NOT NULL,
            bytes    INTEGER NOT NULL,
            PRIMARY KEY (image, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE idempotency (
            account TEXT    NOT NULL REFERENCES account ON DELETE CASCADE,
            key     TEXT    NOT NULL, -- the client's Idempotency-Key
            digest  BLOB    NOT NULL, -- what it was used with
            fit     TEXT    NOT NULL,
            image   TEXT    NOT NULL REFERENCES image ON DELETE CASCADE, -- what it was answered with
            used_at INTEGER NOT NULL,
            PRIMARY KEY (account, key)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX idempotency_image ON idempotency (image);
        CREATE INDEX idempotency_used ON idempotency (used_at);
        """

    private static let jobs = """
        -- The work on an image, one row as long as the image is there and not being deleted.
        CREATE TABLE job (
            id           TEXT    NOT NULL PRIMARY KEY,
            image        TEXT    NOT NULL UNIQUE REFERENCES image ON DELETE CASCADE,
            account      TEXT    NOT NULL,           -- the image's, for the queue's order
            state        TEXT    NOT NULL DEFAULT 'ready'
                         CHECK (state IN ('ready', 'running', 'done', 'failed', 'dead')),
            attempts     INTEGER NOT NULL DEFAULT 0, -- claims, less those handed back
            not_before   INTEGER NOT NULL DEFAULT 0, -- CLOCK_BOOTTIME ms; 0: at once
            lease_token  TEXT,                       -- the right to finish it, new at every claim
            lease_until  INTEGER,                    -- CLOCK_BOOTTIME ms
            boot_id      TEXT,                       -- the boot those two times are of
            worker       TEXT,                       -- who claimed it last
            failure_code TEXT,                       -- why the last attempt came to nothing
            failure      TEXT,                       -- likewise, a sentence
            ended_at     INTEGER,
            CHECK ((state = 'running') = (lease_token IS NOT NULL)),
            CHECK ((state = 'running') = (lease_until IS NOT NULL)),
            CHECK ((state IN ('ready', 'running')) = (ended_at IS NULL))
        ) STRICT, WITHOUT ROWID;

        -- An account's jobs in their order; not_before is there so that no row is read for it.
        CREATE INDEX job_turn ON job (account, id, not_before) WHERE state = 'ready';
        CREATE INDEX job_due ON job (not_before) WHERE state = 'ready';
        CREATE INDEX job_lease ON job (lease_until) WHERE state = 'running';
        -- Ended ones with details to forget.
        CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL AND worker IS NOT NULL;

        CREATE TRIGGER job_added AFTER INSERT ON job BEGIN
            UPDATE account SET waiting = waiting + 1 WHERE id = NEW.account;
        END;

        CREATE TRIGGER job_moved AFTER UPDATE OF state ON job BEGIN
            UPDATE account SET
                waiting = waiting + (NEW.state = 'ready') - (OLD.state = 'ready'),
                running = running + (NEW.state = 'running') - (OLD.state = 'running'),
                served = CASE NEW.state
                    WHEN 'running' THEN (SELECT max(served) + 1 FROM account) ELSE served END
            WHERE id = NEW.account;
            UPDATE image SET
                status = CASE NEW.state WHEN 'ready' THEN 'pending' WHEN 'running' THEN 'processing'
                    WHEN 'done' THEN 'complete' ELSE 'failed' END,
                attempts = NEW.attempts,
                processed_at = NEW.ended_at,
                failure_code = iif(NEW.state IN ('failed', 'dead'), NEW.failure_code, NULL),
                failure = iif(NEW.state IN ('failed', 'dead'), NEW.failure, NULL)
            WHERE id = NEW.image;
        END;

        CREATE TRIGGER job_cancelled AFTER DELETE ON job BEGIN
            UPDATE account SET
                waiting = waiting - (OLD.state = 'ready'),
                running = running - (OLD.state = 'running')
            WHERE id = OLD.account;
        END;
        """

    private static let keysAndAttempts = """
        -- Hidden since, with `email` replaced by the id; NULL: not being deleted.
        ALTER TABLE account ADD COLUMN deleting_at INTEGER;

        CREATE INDEX account_deleting ON account (id) WHERE deleting_at IS NOT NULL;

        CREATE TABLE api_key (
            id         TEXT    NOT NULL PRIMARY KEY,
            account    TEXT    NOT NULL REFERENCES account ON DELETE CASCADE,
            digest     BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32), -- SHA-256 of its text
            name       TEXT    NOT NULL,
            scopes     TEXT    NOT NULL,  -- with commas between, in alphabetical order
            created_at INTEGER NOT NULL,
            expires_at INTEGER,           -- NULL: never
            used_at    INTEGER            -- to the minute; NULL: never yet
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX api_key_account ON api_key (account, id);

        -- Wrong passwords, per account, per address, and per pair of the two.
        CREATE TABLE attempt (
            key           BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32), -- keyed digest
            failures      INTEGER NOT NULL CHECK (failures >= 0), -- not forgiven by forgiven_at
            forgiven_at   INTEGER NOT NULL, -- forgiveness counts from here
            blocked_until INTEGER NOT NULL, -- 0: not
            known         INTEGER NOT NULL DEFAULT 0, -- 1: a pair that signed in
            keep_until    INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX attempt_kept ON attempt (keep_until);
        """

    private static let quotasAndRedos = """
        -- What the account may hold; NULL: what the settings say.
        ALTER TABLE account ADD COLUMN quota_images INTEGER CHECK (quota_images >= 0);
        ALTER TABLE account ADD COLUMN quota_bytes INTEGER CHECK (quota_bytes >= 0);

        -- 1: makes sizes anew that are there and stay served meanwhile. It comes after all other work,
        -- counts in no account's queue, and changes nothing that the image says before it is done; done,
        -- it stays 1 as long as sizes of the preset before lie beside the new ones.
        ALTER TABLE job ADD COLUMN redo INTEGER NOT NULL DEFAULT 0 CHECK (redo IN (0, 1));

        DROP INDEX job_turn;
        CREATE INDEX job_turn ON job (account, id, not_before) WHERE state = 'ready' AND redo = 0;
        CREATE INDEX job_redo ON job (id, not_before) WHERE state = 'ready' AND redo = 1;
        CREATE INDEX job_redone ON job (ended_at) WHERE state = 'done' AND redo = 1;
        CREATE INDEX job_dead ON job (id) WHERE state = 'dead';

        DROP TRIGGER job_moved;
        CREATE TRIGGER job_moved AFTER UPDATE OF state ON job BEGIN
            UPDATE account SET
                waiting = waiting + (NEW.state = 'ready' AND NEW.redo = 0)
                    - (OLD.state = 'ready' AND OLD.redo = 0),
                running = running + (NEW.state = 'running' AND NEW.redo = 0)
                    - (OLD.state = 'running' AND OLD.redo = 0),
                served = CASE WHEN NEW.state = 'running' AND NEW.redo = 0
                    THEN (SELECT max(served) + 1 FROM account) ELSE served END
            WHERE id = NEW.account;
            UPDATE image SET
                status = CASE NEW.state WHEN 'ready' THEN 'pending' WHEN 'running' THEN 'processing'
                    WHEN 'done' THEN 'complete' ELSE 'failed' END,
                attempts = NEW.attempts,
                processed_at = NEW.ended_at,
                failure_code = iif(NEW.state IN ('failed', 'dead'), NEW.failure_code, NULL),
                failure = iif(NEW.state IN ('failed', 'dead'), NEW.failure, NULL)
            WHERE id = NEW.image AND NEW.redo = 0;
        END;

        DROP TRIGGER job_cancelled;
        CREATE TRIGGER job_cancelled AFTER DELETE ON job BEGIN
            UPDATE account SET
                waiting = waiting - (OLD.state = 'ready' AND OLD.redo = 0),
                running = running - (OLD.state = 'running' AND OLD.redo = 0)
            WHERE id = OLD.account;
        END;
        """

    private static let originOfJobs = """
        -- The upload's, or that of its owner's wish to try again; NULL: forgotten, or older than this.
        ALTER TABLE job ADD COLUMN request_id TEXT;
        -- When that was; NULL: as the image's uploaded_at.
        ALTER TABLE job ADD COLUMN queued_at INTEGER;
        """

    private static let oldestOfQueue = """
        -- From now on it is NULL in no job that waits, or may come to wait by itself.
        UPDATE job SET queued_at = (SELECT uploaded_at FROM image WHERE id = job.image)
            WHERE queued_at IS NULL AND state IN ('ready', 'running');

        -- The next that is due; of those that are due, and so of nearly all, the oldest too.
        DROP INDEX job_due;
        CREATE INDEX job_due ON job (not_before, redo, queued_at) WHERE state = 'ready';
        """
}
