import Foundation
import Model
import Operations
import Processes
import Settings

/// Switches the database to the journal mode of the settings. The service must be stopped: a program that
/// has the database open would stay in the old mode, without the checkpoints that the new mode needs.
package struct JournalFix {
    private let configuration: Configuration
    private var catalog: String { configuration.folders.catalog }

    package init(_ settings: Settings) {
        configuration = settings.configuration
    }

    package func run() throws {
        guard access(catalog, F_OK) == 0 else {
            let error = SystemError("access", catalog)
            throw ConfigurationError.noDatabase(
                at: catalog, because: error.code == ENOENT ? nil : error.reason)
        }
        let users = OpenFiles.users(of: catalog)
        guard users.isEmpty else {
            throw ConfigurationError(
                "The database is in use by \(users.joined(separator: ", ")). Stop the service "
                    + "first.")
        }
        do {
            try CatalogEngine.prepare(configuration)
        } catch CatalogError.busy {
            throw ConfigurationError("The database is in use. Stop the service first.")
        }
    }
}
