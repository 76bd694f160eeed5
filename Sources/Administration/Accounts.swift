import Credentials
import Media
import Model
import Operations
import Settings

/// The catalog as commands about somebody's account use it.
package struct Accounts {
    package let operations: Operations
    package var configuration: Configuration { operations.configuration }
    package var catalog: any Catalog { operations.catalog }
    package var ballast: Ballast { operations.ballast }

    package init() throws {
        operations = try Settings().operations()
    }

    package func account(_ email: String) throws -> Account {
        guard let email = EmailAddress(email),
            let known = try catalog.accounts.credentials(email: email.text)
        else { throw Unusable("There is no account with this email.") }
        return known.account
    }

    package func hash(_ password: String, email: String) throws -> String {
        if let violation = PasswordRule.violation(password, email: email) {
            throw Unusable(violation)
        }
        let slots = HashSlots(
            folder: configuration.folders.run, count: configuration.hashSlots,
            patience: .seconds(30))
        return try Passwords(scrypt: Scrypt(setting: configuration.scrypt), slots: slots)
            .hash(password)
    }
}
