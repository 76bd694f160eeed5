import Administration
import ArgumentParser
import Credentials
import Foundation
import Media
import Model
import Operations
import Settings
import Text

struct Users: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manage accounts; a running service sees changes immediately.",
        subcommands: [
            UsersList.self, UsersAdd.self, UsersPasswd.self, UsersQuota.self, UsersSessions.self,
            UsersDelete.self,
        ])
}

struct UsersList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List accounts: email, creation time, images, bytes, id.")

    func run() throws {
        // Columns are separated by tabs; `printable` also escapes tabs and line ends in a client's text.
        for account in try Accounts().catalog.accounts.all() {
            print(
                account.email.printable, account.createdAt.rfc3339, account.usage.images,
                account.usage.bytes,
                account.id, separator: "\t")
        }
    }
}

struct UsersAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Create an account, even if registration is closed.",
        discussion: PasswordInput.discussion)

    @Argument(help: "The new account's email.") var email: String

    func run() throws {
        let accounts = try Accounts()
        guard let email = EmailAddress(email) else {
            throw ConfigurationError(
                "\"\(email)\" is not an email address. Use an address like name@example.org.")
        }
        // In one of the service's slots for hashing, so that the limit on their memory includes this command.
        let hash = try accounts.hash(PasswordInput.read(), email: email.text)
        do {
            let session = try accounts.catalog.accounts.register(
                email: email.text, passwordHash: hash, userAgent: nil, at: .now())
            // `register` opens a session, but nobody has signed in yet.
            try accounts.catalog.accounts.endSession(session.id, at: .now())
            print(session.account.id)
        } catch CatalogError.emailTaken {
            throw ConfigurationError("An account with the email \"\(email.text)\" already exists.")
        }
    }
}

struct UsersPasswd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "passwd",
        abstract: "Set an account's password, end its sessions and list its API keys.",
        discussion: PasswordInput.discussion
            + " API keys keep working unless --revoke-keys is given.")

    @Argument(help: "The account's email.") var email: String
    @Flag(help: "Also revoke the account's API keys.") var revokeKeys = false

    func run() throws {
        let accounts = try Accounts()
        let account = try accounts.account(email)
        let hash = try accounts.hash(PasswordInput.read(), email: account.email)
        // A password change ends sessions, so it must be possible on a full disk too.
        guard
            let keys = try accounts.reservedSpace.withReservedSpace(
                for: .removal,
                {
                    try accounts.catalog.accounts.setPassword(
                        of: account.id, to: hash, revokingKeys: revokeKeys, at: .now())
                })
        else { throw ConfigurationError.noAccount(email) }
        // After a stolen password, the operator needs to know which programs still have access.
        for key in keys {
            print(revokeKeys ? "revoked" : "still valid", key.id, key.name, separator: "\t")
        }
    }
}

struct UsersDelete: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete an account with all its images, files, sessions and API keys.")

    @Argument(help: "The account's email.") var email: String
    @Flag(help: "Delete without a prompt.") var yes = false

    func run() throws {
        let accounts = try Accounts()
        let account = try accounts.account(email)
        // The email and not "y", so that a mistyped account is noticed.
        if !yes {
            print(
                "\(account.email) has \(HumanReadable.count(account.usage.images, "image")). Type the email to delete the "
                    + "account and its images:"
            )
            guard readLine() == account.email else {
                throw ConfigurationError(
                    "Nothing was deleted, because the typed email is not \(account.email).")
            }
        }
        // The steps of DELETE /api/auth/me. Nil when a request began the deletion meanwhile.
        guard let removed = try accounts.operations.deleteAccount(account.id) else {
            throw ConfigurationError("The account \(account.email) is already being deleted.")
        }
        print(
            "deleted \(account.email): \(HumanReadable.count(removed.images, "image")), "
                + "\(HumanReadable.count(removed.files, "file")), \(removed.bytes) bytes")
    }
}

struct UsersSessions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract:
            "List an account's sessions: id, start, last use, user agent; or end them.")

    @Argument(help: "The account's email.") var email: String
    @Option(help: "End the session with this id.") var end: String?
    @Flag(help: "End all sessions.") var endAll = false

    func run() throws {
        let accounts = try Accounts()
        let catalog = accounts.catalog
        let account = try accounts.account(email)
        // Ending a session must be possible on a full disk, so it may use the reserved space.
        if endAll {
            try accounts.reservedSpace.withReservedSpace(for: .removal) {
                try catalog.accounts.endSessions(of: account.id, except: nil, at: .now())
            }
        } else if let end {
            guard let id = Identifier<Session>(end),
                try accounts.reservedSpace.withReservedSpace(
                    for: .removal,
                    { try catalog.accounts.endSession(id, of: account.id, at: .now()) })
            else {
                throw ConfigurationError(
                    "No session of \(account.email) has the id \"\(end)\". List the sessions with "
                        + "\"multires users sessions \(account.email)\".")
            }
        } else {
            // A session whose refresh token has expired has ended; its row is removed later.
            let since = Timestamp.now() - accounts.configuration.refreshLifetime
            let sessions = try catalog.accounts.sessions(
                of: account.id, rotatedSince: since, after: nil, limit: .max)
            for session in sessions {
                print(
                    session.id, session.createdAt.rfc3339, session.rotatedAt.rfc3339,
                    session.userAgent?.printable ?? "-",
                    separator: "\t")
            }
        }
    }
}

struct UsersQuota: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota",
        abstract: "Show an account's quota, or set a quota for one account.",
        discussion: "Existing images stay. An account that exceeds its quota cannot upload.")

    @Argument(help: "The account's email.") var email: String
    @Option(help: "The maximum number of images.") var images: Int?
    @Option(help: "The maximum size of all originals, like 500MB or 2GB.") var bytes: String?
    @Flag(help: "Use the quota of the settings again.") var standard = false

    func run() throws {
        let accounts = try Accounts()
        var account = try accounts.account(email)
        // An option that is not given leaves that part of the quota unchanged.
        var quotaOverride = standard ? QuotaOverride() : account.quotaOverride
        if let images {
            guard images >= 0 else {
                throw ConfigurationError("--images: \"\(images)\" is not valid. Use 0 or more.")
            }
            quotaOverride.images = images
        }
        if let bytes {
            guard let count = SettingReader.bytes(bytes) else {
                throw ConfigurationError(
                    "--bytes: \"\(bytes)\" is not valid. Use a size like 500MB or 2GB.")
            }
            quotaOverride.bytes = count
        }
        if quotaOverride != account.quotaOverride {
            guard try accounts.catalog.accounts.setQuota(of: account.id, to: quotaOverride) else {
                throw ConfigurationError.noAccount(email)
            }
            account = try accounts.account(email)
        }
        let quota = account.quota(accounts.configuration.quota)
        print("images", account.usage.images, "of", quota.images)
        print("bytes", account.usage.bytes, "of", quota.bytes)
    }
}
