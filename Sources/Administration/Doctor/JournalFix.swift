import Foundation
import Model
import Operations
import Processes
import Settings

/// Puts the database into the journal mode that is set. Only with everything stopped: who has it open
/// would go on in the old one, without the checkpoints that the new one needs.
package struct JournalFix {
    private let configuration: Configuration
    private var catalog: String { configuration.folders.catalog }

    package init(_ settings: Settings) {
        configuration = settings.configuration
    }

    package func run() throws {
        guard FileManager.default.fileExists(atPath: catalog) else {
            throw Unusable("There is no database at \(catalog): run multires init.")
        }
        let users = OpenFiles.users(of: catalog)
        guard users.isEmpty else {
            throw Unusable(
                "\(users.joined(separator: ", ")) has the database open: stop everything first.")
        }
        do {
            try CatalogEngine.prepare(configuration)
        } catch CatalogError.busy {
            throw Unusable("Something has the database open: stop everything first.")
        }
    }
}
