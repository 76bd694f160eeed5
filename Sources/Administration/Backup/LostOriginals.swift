import Media
import Model
import Operations
import Settings

/// Originals of a service that is there, from a backup.
package struct LostOriginals {
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
            if case .sizes = loss { return }
            let (id, format) = (stored.image.id, stored.image.format)
            let outcome = try CheckedCopy.copy(
                backup.paths.original(id, format),
                to: MediaPath(configuration.folders).original(id, format),
                through: "\(configuration.folders.incoming)/restore-\(id)", digest: stored.digest)
            if case .copied = outcome {
                restored += 1
            } else {
                missing += 1
                print("image \(id): the backup has no sound original either")
            }
        }
        print("\(restored) originals brought back")
        guard missing == 0 else { throw Unusable("\(missing) originals stay lost.") }
    }
}
