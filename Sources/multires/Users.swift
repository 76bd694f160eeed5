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
        abstract: "Looks after accounts; a server that is running notices at once.",
        subcommands: [
            UsersList.self, UsersAdd.self, UsersPasswd.self, UsersQuota.self, UsersSessions.self,
            UsersDelete.self,
        ])
}

struct UsersList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists accounts: email, since when, images, bytes, id.")

    func run() throws {
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
        abstract: "Makes an account, also while registration is closed.",
        discussion: PasswordInput.discussion)

    @Argument(help: "The new account's email.") var email: String

    func run() throws {
        let accounts = try Accounts()
        guard let email = EmailAddress(email) else {
            throw Unusable("\(email) is no email address.")
        }
        let hash = try accounts.hash(PasswordInput.read(), email: email.text)
        do {
            let session = try accounts.catalog.accounts.register(
                email: email.text, passwordHash: hash, userAgent: nil, at: .now())
            // Nobody has signed in yet.
            try accounts.catalog.accounts.endSession(session.id, at: .now())
            print(session.account.id)
        } catch CatalogError.emailTaken {
            throw Unusable("There is an account with this email already.")
        }
    }
}

struct UsersPasswd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "passwd",
        abstract: "Sets an account's password, ends its sessions and names its API keys.",
        discussion: PasswordInput.discussion
            + " API keys keep working unless --revoke-keys is given.")

    @Argument(help: "The account's email.") var email: String
    @Flag(help: "Revoke the account's API keys too.") var revokeKeys = false

    func run() throws {
        let accounts = try Accounts()
        let account = try accounts.account(email)
        let hash = try accounts.hash(PasswordInput.read(), email: account.email)
        guard
            let keys = try accounts.ballast.makingRoom(
                for: .removal,
                {
                    try accounts.catalog.accounts.setPassword(
                        of: account.id, to: hash, revokingKeys: revokeKeys, at: .now())
                })
        else { throw Unusable("There is no account with this email.") }
        for key in keys {
            print(revokeKeys ? "revoked" : "still valid", key.id, key.name, separator: "\t")
        }
    }
}

struct UsersDelete: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Removes an account with every image, file, session and key of it.")

    @Argument(help: "The account's email.") var email: String
    @Flag(help: "Do it without asking.") var yes = false

    func run() throws {
        let accounts = try Accounts()
        let account = try accounts.account(email)
        if !yes {
            print(
                "\(account.email) has \(account.usage.images) images. Type the email to delete all:"
            )
            guard readLine() == account.email else { throw Unusable("Nothing was deleted.") }
        }
        guard let removed = try accounts.operations.deleteAccount(account.id) else {
            throw Unusable("The account is being deleted already.")
        }
        print(
            "deleted \(account.email): \(removed.images) images, \(removed.files) files, "
                + "\(removed.bytes) bytes")
    }
}

struct UsersSessions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract:
            "Lists an account's sessions: id, since when, last used, user agent; or ends them.")

    @Argument(help: "The account's email.") var email: String
    @Option(help: "The id of one to end.") var end: String?
    @Flag(help: "End all of them.") var endAll = false

    func run() throws {
        let accounts = try Accounts()
        let catalog = accounts.catalog
        let account = try accounts.account(email)
        if endAll {
            try accounts.ballast.makingRoom(for: .removal) {
                try catalog.accounts.endSessions(of: account.id, except: nil, at: .now())
            }
        } else if let end {
            guard let id = Identifier<Session>(end),
                try accounts.ballast.makingRoom(
                    for: .removal,
                    { try catalog.accounts.endSession(id, of: account.id, at: .now()) })
            else { throw Unusable("The account has no such session.") }
        } else {
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
        abstract: "Shows what an account may hold, or gives it a quota of its own.",
        discussion: "What it holds already stays; over its quota, it can upload no more.")

    @Argument(help: "The account's email.") var email: String
    @Option(help: "How many images it may have.") var images: Int?
    @Option(help: "How many bytes of originals, like 500MB or 2GB.") var bytes: String?
    @Flag(help: "Back to what the settings say.") var standard = false

    func run() throws {
        let accounts = try Accounts()
        var account = try accounts.account(email)
        var exception = standard ? QuotaException() : account.exception
        if let images {
            guard images >= 0 else { throw Unusable("--images must be 0 or more.") }
            exception.images = images
        }
        if let bytes {
            guard let count = SettingReader.bytes(bytes) else {
                throw Unusable("--bytes must be a size like 500MB or 2GB.")
            }
            exception.bytes = count
        }
        if exception != account.exception {
            guard try accounts.catalog.accounts.setQuota(of: account.id, to: exception) else {
                throw Unusable("There is no account with this email.")
            }
            account = try accounts.account(email)
        }
        let quota = account.quota(accounts.configuration.quota)
        print("images", account.usage.images, "of", quota.images)
        print("bytes", account.usage.bytes, "of", quota.bytes)
    }
}
