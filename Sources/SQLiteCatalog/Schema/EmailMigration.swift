import Model

/// Before schema version 8, emails were compared as they were typed, except for the case of ASCII letters.
extension Schema {
    static let emailKeysAndLivingSessions = """
        -- The form in which emails are compared (EmailAddress.canonical). NULL: the account is being
        -- deleted, or an older account has the same form; then only its email as typed finds it.
        ALTER TABLE account ADD COLUMN email_key TEXT;
        CREATE UNIQUE INDEX account_email_key ON account (email_key);

        -- The active sessions of an account, in the order in which they are listed.
        CREATE INDEX session_living ON session (account, rotated_at, id) WHERE ended_at IS NULL;

        -- Attempts since the row was added: those that failed and those in progress. They are not forgiven
        -- like failures: the first attempts of an address at an account, which never wait for failures of
        -- other addresses, are allowed only once.
        ALTER TABLE attempt ADD COLUMN tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0);
        """

    /// The oldest account first: OR IGNORE leaves the key of a later account NULL if an earlier one has it.
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
