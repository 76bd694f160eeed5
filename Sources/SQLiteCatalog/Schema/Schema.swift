/// The tables. Ids are UUIDs of version 7 in lower case. Times are whole milliseconds since 1970, unless a
/// remark states another clock. Every table is STRICT, so SQLite rejects a value of another type than the
/// column's.
///
/// The status of an image follows the state of its job: triggers copy it to the image and to the account's
/// counters, so no statement can omit that.
///
/// ## The column image.variants
///
/// The variants of an image, smallest first, as text. NULL: the image was never complete. ABNF (RFC 5234,
/// and RFC 7405 for `%s`):
///
///     variants = [ variant *( LF variant ) ]      ; no LF at the end; empty text: no variants
///     variant  = name SP revision SP format SP width SP height SP bytes
///     name     = lower 0*31( lower / DIGIT / "_" / "-" )  ; of the preset's size, unique in a text
///     revision = 8( DIGIT / %x61-66 )             ; `Preset.revision`
///     format   = %s"jpeg" / %s"png" / %s"webp" / %s"gif" / %s"avif"    ; `ImageFormat`
///     width    = number                           ; pixels
///     height   = number                           ; pixels
///     bytes    = number                           ; length of the file
///     number   = 1*15DIGIT
///     lower    = %x61-7A
///
/// `VariantLines` reads and writes it; reading checks the number of fields, `format` and `number`.
///
/// Schema version 6 introduced this format; before, variants were rows of a table (`moveVariantsToImages`).
/// The text has no version of its own: `user_version` is its version. The reader takes exactly six fields for
/// each variant, so it cannot skip an additional one. Any extension (a field, a format, other characters)
/// needs a new schema version: a migration that converts the column if its text changes, and a conversion in
/// `readAsThisVersion` for backups. Programs of an earlier version then refuse the database when they open
/// it, instead of failing at a row.
enum Schema {
    /// "MRES": distinguishes a catalog from other SQLite databases.
    static let application = 0x4D52_4553
    /// `PRAGMA user_version`: the number of migrations that were applied.
    static let version = migrations.count

    /// A migration that was ever released is never edited: add another one.
    static let migrations: [Migration] = [
        {
            try $0.execute(accounts + images + jobs)
            try $0.execute("PRAGMA application_id = \(application)")
        },
        { try $0.execute(keysAndAttempts) },
        { try $0.execute(quotasAndRerenders) },
        { try $0.execute(originOfJobs) },
        { try $0.execute(oldestOfQueue) },
        moveVariantsToImages,
        { try $0.execute(namesInIndex) },
        {
            try $0.execute(emailKeysAndLivingSessions)
            try fillEmailKeys($0)
        },
        // Earlier programs counted their migrations in this table.
        { try $0.execute("DROP TABLE IF EXISTS grdb_migrations") },
        { try $0.execute(columnRerender) },
    ]

    /// SQLite renames the column in triggers and indexes too; the indexes get new names.
    private static let columnRerender = """
        ALTER TABLE job RENAME COLUMN redo TO rerender; -- words: keep
        DROP INDEX job_redo; -- words: keep
        CREATE INDEX job_rerender ON job (id, not_before) WHERE state = 'ready' AND rerender = 1;
        DROP INDEX job_redone; -- words: keep
        CREATE INDEX job_rerendered ON job (ended_at) WHERE state = 'done' AND rerender = 1;
        """

    private static let namesInIndex = """
        -- For lists, newest first, and for the cascade of foreign keys. It contains the names, so a search
        -- reads only the rows that match: a row has 1.5 KB, a name 30 bytes.
        DROP INDEX image_account;
        CREATE INDEX image_account ON image (account, id, deleting_at, original_name);
        """

    private static let accounts = """
        CREATE TABLE account (
            id            TEXT    NOT NULL PRIMARY KEY,
            email         TEXT    NOT NULL UNIQUE COLLATE NOCASE, -- ASCII case is ignored
            password_hash TEXT    NOT NULL,                       -- scrypt, as a PHC string
            created_at    INTEGER NOT NULL,
            images        INTEGER NOT NULL DEFAULT 0 CHECK (images >= 0),  -- rows in image
            bytes         INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0),   -- of their originals
            waiting       INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0), -- ready jobs
            running       INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0), -- running jobs
            served        INTEGER NOT NULL DEFAULT 0  -- number of its last claim, among all claims
        ) STRICT, WITHOUT ROWID;

        -- The order of turns: accounts with ready jobs, those with the fewest running jobs first, then those
        -- whose last claim is the oldest.
        CREATE INDEX account_turn ON account (running, served, waiting) WHERE waiting > 0;
        -- For the number of the last claim.
        CREATE INDEX account_served ON account (served);

        CREATE TABLE session (
            id         TEXT    NOT NULL PRIMARY KEY,
            account    TEXT    NOT NULL REFERENCES account ON DELETE CASCADE,
            generation INTEGER NOT NULL DEFAULT 0, -- of its refresh token: number of rotations
            created_at INTEGER NOT NULL,
            rotated_at INTEGER NOT NULL,           -- when this generation began; created_at for 0
            ended_at   INTEGER,                    -- sign-out, password change, reuse; NULL: active
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
            format        TEXT    NOT NULL, -- of the original, detected from its first bytes
            fit           TEXT    NOT NULL CHECK (fit IN ('cover', 'inside')),
            visibility    TEXT    NOT NULL CHECK (visibility IN ('private', 'public')),
            uploaded_at   INTEGER NOT NULL,
            status        TEXT    NOT NULL DEFAULT 'pending' -- follows job.state
                          CHECK (status IN ('pending', 'processing', 'complete', 'failed')),
            attempts      INTEGER NOT NULL DEFAULT 0,        -- follows job.attempts
            processed_at  INTEGER,                           -- follows job.ended_at
            failure_code  TEXT,    -- for programs; job.failure_code if failed, else NULL
            failure       TEXT,    -- a sentence for users; job.failure if failed, else NULL
            width         INTEGER, -- pixels of the upright original; NULL until decoded
            height        INTEGER,
            placeholder   TEXT,    -- a data URI under 1 KB
            deleting_at   INTEGER  -- hidden since this time; NULL: not being deleted
        ) STRICT;

        -- For lists, newest first, and for the cascade of foreign keys.
        CREATE INDEX image_account ON image (account, id);
        CREATE INDEX image_status ON image (account, status, id) WHERE deleting_at IS NULL;
        -- Except for failed images, an account has at most one image with the same bytes and fit.
        CREATE UNIQUE INDEX image_content ON image (account, digest, fit)
            WHERE deleting_at IS NULL AND status <> 'failed';
        -- For the queries of the sweeper.
        CREATE INDEX image_deleting ON image (id) WHERE deleting_at IS NOT NULL;
        CREATE INDEX image_published ON image (id)
            WHERE visibility = 'public' AND status = 'complete' AND deleting_at IS NULL;

        CREATE TABLE variant (
            image    TEXT    NOT NULL REFERENCES image ON DELETE CASCADE,
            position INTEGER NOT NULL, -- smallest first, from 0
            name     TEXT    NOT NULL, -- of the preset's size
            revision TEXT    NOT NULL, -- of the preset; part of the file name
            format   TEXT    NOT NULL,
            width    INTEGER NOT NULL,
            height   INTEGER NOT NULL,
            bytes    INTEGER NOT NULL,
            PRIMARY KEY (image, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE idempotency (
            account TEXT    NOT NULL REFERENCES account ON DELETE CASCADE,
            key     TEXT    NOT NULL, -- the client's Idempotency-Key
            digest  BLOB    NOT NULL, -- of the file that was sent with it
            fit     TEXT    NOT NULL,
            image   TEXT    NOT NULL REFERENCES image ON DELETE CASCADE, -- in the response
            used_at INTEGER NOT NULL,
            PRIMARY KEY (account, key)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX idempotency_image ON idempotency (image);
        CREATE INDEX idempotency_used ON idempotency (used_at);
        """

    private static let jobs = """
        -- The rendering of an image: one row from the upload until the image's deletion begins.
        CREATE TABLE job (
            id           TEXT    NOT NULL PRIMARY KEY,
            image        TEXT    NOT NULL UNIQUE REFERENCES image ON DELETE CASCADE,
            account      TEXT    NOT NULL,           -- of the image; for the order of the queue
            state        TEXT    NOT NULL DEFAULT 'ready'
                         CHECK (state IN ('ready', 'running', 'done', 'failed', 'dead')),
            attempts     INTEGER NOT NULL DEFAULT 0, -- claims, without released and delayed ones
            not_before   INTEGER NOT NULL DEFAULT 0, -- CLOCK_BOOTTIME ms; 0: immediately
            lease_token  TEXT,                       -- needed to finish the job; new for each claim
            lease_until  INTEGER,                    -- CLOCK_BOOTTIME ms
            boot_id      TEXT,                       -- the boot of not_before and lease_until
            worker       TEXT,                       -- the last one that claimed it
            failure_code TEXT,                       -- why the last attempt failed
            failure      TEXT,                       -- the same as a sentence
            ended_at     INTEGER,
            CHECK ((state = 'running') = (lease_token IS NOT NULL)),
            CHECK ((state = 'running') = (lease_until IS NOT NULL)),
            CHECK ((state IN ('ready', 'running')) = (ended_at IS NULL))
        ) STRICT, WITHOUT ROWID;

        -- The jobs of an account in their order. It contains not_before, so that no row is read for it.
        CREATE INDEX job_turn ON job (account, id, not_before) WHERE state = 'ready';
        CREATE INDEX job_due ON job (not_before) WHERE state = 'ready';
        CREATE INDEX job_lease ON job (lease_until) WHERE state = 'running';
        -- Jobs that have ended and whose details are not cleared yet.
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
        -- Hidden since this time, with `email` replaced by the id. NULL: not being deleted.
        ALTER TABLE account ADD COLUMN deleting_at INTEGER;

        CREATE INDEX account_deleting ON account (id) WHERE deleting_at IS NOT NULL;

        CREATE TABLE api_key (
            id         TEXT    NOT NULL PRIMARY KEY,
            account    TEXT    NOT NULL REFERENCES account ON DELETE CASCADE,
            digest     BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32), -- SHA-256 of the key
            name       TEXT    NOT NULL,
            scopes     TEXT    NOT NULL,  -- separated by commas, in alphabetical order
            created_at INTEGER NOT NULL,
            expires_at INTEGER,           -- NULL: never
            used_at    INTEGER            -- to the minute; NULL: never
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX api_key_account ON api_key (account, id);

        -- Wrong passwords by account, by address, and by the pair of both.
        CREATE TABLE attempt (
            key           BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32), -- keyed digest
            failures      INTEGER NOT NULL CHECK (failures >= 0), -- not forgiven at forgiven_at
            forgiven_at   INTEGER NOT NULL, -- the time from which forgiveness counts
            blocked_until INTEGER NOT NULL, -- 0: not blocked
            known         INTEGER NOT NULL DEFAULT 0, -- 1: a pair that has signed in
            keep_until    INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX attempt_kept ON attempt (keep_until);
        """

    private static let quotasAndRerenders = """
        -- The quota of the account. NULL: the quota of the settings.
        ALTER TABLE account ADD COLUMN quota_images INTEGER CHECK (quota_images >= 0);
        ALTER TABLE account ADD COLUMN quota_bytes INTEGER CHECK (quota_bytes >= 0);

        -- 1: the job renders a complete image again; its variants are served meanwhile. Such a job runs after
        -- all other jobs, is not in the counters of the account, and leaves the image's row unchanged until
        -- it is done. It stays 1 until the variants of the previous preset are deleted.
        ALTER TABLE job
            ADD COLUMN redo INTEGER NOT NULL DEFAULT 0 CHECK (redo IN (0, 1)); -- words: keep

        DROP INDEX job_turn;
        CREATE INDEX job_turn ON job (account, id, not_before)
            WHERE state = 'ready' AND redo = 0; -- words: keep
        CREATE INDEX job_redo ON job (id, not_before) -- words: keep
            WHERE state = 'ready' AND redo = 1; -- words: keep
        CREATE INDEX job_redone ON job (ended_at) WHERE state = 'done' AND redo = 1; -- words: keep
        CREATE INDEX job_dead ON job (id) WHERE state = 'dead';

        DROP TRIGGER job_moved;
        CREATE TRIGGER job_moved AFTER UPDATE OF state ON job BEGIN
            UPDATE account SET
                waiting = waiting + (NEW.state = 'ready' AND NEW.redo = 0) -- words: keep
                    - (OLD.state = 'ready' AND OLD.redo = 0), -- words: keep
                running = running + (NEW.state = 'running' AND NEW.redo = 0) -- words: keep
                    - (OLD.state = 'running' AND OLD.redo = 0), -- words: keep
                served = CASE WHEN NEW.state = 'running' AND NEW.redo = 0 -- words: keep
                    THEN (SELECT max(served) + 1 FROM account) ELSE served END
            WHERE id = NEW.account;
            UPDATE image SET
                status = CASE NEW.state WHEN 'ready' THEN 'pending' WHEN 'running' THEN 'processing'
                    WHEN 'done' THEN 'complete' ELSE 'failed' END,
                attempts = NEW.attempts,
                processed_at = NEW.ended_at,
                failure_code = iif(NEW.state IN ('failed', 'dead'), NEW.failure_code, NULL),
                failure = iif(NEW.state IN ('failed', 'dead'), NEW.failure, NULL)
            WHERE id = NEW.image AND NEW.redo = 0; -- words: keep
        END;

        DROP TRIGGER job_cancelled;
        CREATE TRIGGER job_cancelled AFTER DELETE ON job BEGIN
            UPDATE account SET
                waiting = waiting - (OLD.state = 'ready' AND OLD.redo = 0), -- words: keep
                running = running - (OLD.state = 'running' AND OLD.redo = 0) -- words: keep
            WHERE id = OLD.account;
        END;
        """

    private static let originOfJobs = """
        -- Of the upload, or of the request to retry. NULL: cleared, or the job is older than this column.
        ALTER TABLE job ADD COLUMN request_id TEXT;
        -- The time of that request. NULL: the image's uploaded_at.
        ALTER TABLE job ADD COLUMN queued_at INTEGER;
        """

    private static let oldestOfQueue = """
        -- From this version on, it is not NULL in a ready or running job, unless the job is a re-render.
        UPDATE job SET queued_at = (SELECT uploaded_at FROM image WHERE id = job.image)
            WHERE queued_at IS NULL AND state IN ('ready', 'running');

        -- For the job that is due next. Among jobs with the same not_before, which is 0 for nearly all, also
        -- for the oldest.
        DROP INDEX job_due;
        CREATE INDEX job_due ON job (not_before, redo, queued_at) -- words: keep
            WHERE state = 'ready';
        """
}
