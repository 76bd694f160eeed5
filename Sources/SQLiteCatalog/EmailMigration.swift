import Model

/// Before version 10 emails were compared as they were typed, but for the case of ASCII letters.
extension Schema {
    static let emailKeysAndLivingSessions = """
        -- What emails are compared by (EmailAddress.canonical). NULL: an account that is being deleted,
        -- or the newer of two whose emails are one in that form, which only its own spelling finds.
        ALTER TABLE account ADD COLUMN email_key TEXT;
        CREATE UNIQUE INDEX account_email_key ON account (email_key);

        -- An account's living sessions, in the order of their list.
        CREATE INDEX session_living ON session (account, rotated_at, id) WHERE ended_at IS NULL;

        -- Tries that failed, or are under way, since the row is there. Unlike failures they are not
        -- forgiven: an address has its first tries at an account, which wait for nobody, once.
        ALTER TABLE attempt ADD COLUMN tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0);
        """

    /// The oldest account first, so that it is the one which keeps the address.
    static func fillEmailKeys(_ db: Database) throws {
        let accounts = try db.all(
            "SELECT id, email FROM account WHERE deleting_at IS NULL ORDER BY created_at, id"
        ) { try ($0["id"] as String, $0["email"] as String) }
        for (id, email) in accounts {
            try db.run(
                "UPDATE OR IGNORE account SET email_key = ? WHERE id = ?",
                [EmailAddress.canonical(email), id])
        }
    }
}
