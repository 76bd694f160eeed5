import Media
import Model
import Operations
import Settings

/// Restores the missing and damaged originals of a service from a backup.
package struct OriginalsRestore {
    private let configuration: Configuration
    private let backup: BackupFolder

    package init(_ configuration: Configuration, _ backup: BackupFolder) {
        self.configuration = configuration
        self.backup = backup
    }

    package func restore() throws {
        let catalog = try CatalogEngine.open(configuration, for: .worker)
        let media = MediaEngine.open(configuration.folders)
        var restored = 0
        var missing = 0
        try Losses(catalog, media).visit { stored, loss in
            if case .variants = loss { return }
            let (id, format) = (stored.image.id, stored.image.format)
            let outcome = try CheckedCopy.copy(
                backup.paths.original(id, format),
                to: MediaPath(configuration.folders).original(id, format),
                through: "\(configuration.folders.incoming)/restore-\(id)", digest: stored.digest)
            if case .copied = outcome {
                restored += 1
            } else {
                missing += 1
                print("image \(id): the original is missing or damaged in the backup, too")
            }
        }
        print(HumanReadable.count(restored, "original") + " restored")
        guard missing == 0 else {
            throw ConfigurationError(
                HumanReadable.count(missing, "original") + " could not be restored.")
        }
    }
}
