import Model
import Operations
import Settings

/// Checks that a backup has everything that a restore needs.
package struct RestoreCheck {
    private let backup: BackupFolder

    package init(_ backup: BackupFolder) {
        self.backup = backup
    }

    package func run() throws {
        let catalog = try CatalogEngine.open(copy: backup.catalog)
        try catalog.quickCheck()
        let progress = Progress(
            "checking originals",
            of: try catalog.images.totals().values.reduce(0) { $0 + $1.images })
        var images = 0
        var bad = 0
        try catalog.images.visitInventory { stored in
            let (id, format) = (stored.image.id, stored.image.format)
            let path = backup.paths.original(id, format)
            let found = try CheckedCopy.digest(of: path)
            if found != stored.digest {
                bad += 1
                print("\(found == nil ? "missing" : "damaged") original of image \(id)")
            }
            images += 1
            progress.advance()
        }
        progress.finish()
        guard bad == 0 else {
            throw ConfigurationError(
                "Missing or damaged originals: \(bad) of \(images). Back up again with --verify "
                    + "while the service still has them.")
        }
        print(HumanReadable.count(images, "image") + ", every original is intact")
    }
}
