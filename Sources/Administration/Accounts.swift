import Credentials
import Media
import Model
import Operations
import Settings

/// What commands about an account need.
package struct Accounts {
    package let operations: Operations
    package var configuration: Configuration { operations.configuration }
    package var catalog: any Catalog { operations.catalog }
    package var reservedSpace: ReservedSpace { operations.reservedSpace }

    package init() throws {
        operations = try Settings().operations()
    }

    /// Throws `ConfigurationError` if there is no such account.
    package func account(_ email: String) throws -> Account {
        guard let address = EmailAddress(email),
            let known = try catalog.accounts.credentials(email: address.text)
        else { throw ConfigurationError.noAccount(email) }
        return known.account
    }

    /// Throws `ConfigurationError` if the password violates a rule, such as being too short.
    package func hash(_ password: String, email: String) throws -> String {
        if let violation = PasswordRule.violation(password, email: email) {
            throw ConfigurationError(violation)
        }
        let slots = HashSlots(
            folder: configuration.folders.run, count: configuration.hashSlots,
            timeout: .seconds(30))
        return try Passwords(scrypt: Scrypt(setting: configuration.scrypt), slots: slots)
            .hash(password)
    }
}

extension ConfigurationError {
    package static func noAccount(_ email: String) -> ConfigurationError {
        ConfigurationError(
            "No account has the email \"\(email)\". List the accounts with "
                + "\"multires users list\".")
    }
}
