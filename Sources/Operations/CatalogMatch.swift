import Media
import Model
import Processes
import Settings

/// Why a catalog does not match the originals in its data folder.
public enum CatalogMismatch: Error, Hashable, CustomStringConvertible {
    /// The catalog has no account, but there are originals. This is also the case when all accounts were
    /// deleted and a crash left an original: a catalog that was created in place of a lost one looks the
    /// same.
    case empty
    /// Too many originals have no row: the first number, of the second number of originals in all.
    case lacksRows(Int, of: Int)
    /// The catalog has this number of images, but `originals/` is missing or empty.
    case noOriginals(images: Int)

    /// Crashes leave at most one original without a row for each upload in progress, which stays far below
    /// this. See rule 3 of the rules that protect data in ARCHITECTURE.md.
    public static func isTooMany(_ orphans: Int, of originals: Int) -> Bool {
        orphans > max(100, originals / 20)
    }

    public var description: String {
        switch self {
        case .empty:
            "The catalog is empty, but originals/ is not. If all accounts were deleted, the files "
                + "are left from a crash during an upload, and \"multires init --new-catalog\" "
                + "moves them away. " + Self.remedy
        case .lacksRows(let orphans, let originals):
            "\(orphans) of the \(originals) originals have no record in the database, so it has "
                + "lost records or is not this folder's database. " + Self.remedy
        case .noOriginals(let images):
            "The catalog has \(HumanReadable.count(images, "image")), but originals/ is missing or empty. Mount the disk "
                + "it is on, or move it back. If the originals are permanently lost, run "
                + "\"multires init --accept-lost-originals\", and then \"multires restore DIR "
                + "--originals\" if there is a backup."
        }
    }

    public static let remedy =
        "Restore the newest backup: move catalog.sqlite3 and catalog.sqlite3-wal away and run "
        + "\"multires restore DIR\". To start with an empty catalog instead, run \"multires init "
        + "--new-catalog\": it moves all old data to recovered/ in the data folder."

    /// What to do when the catalog is missing.
    public static let remedyIfMissing =
        "Run \"multires restore DIR\" with the newest backup. To start with an empty catalog "
        + "instead, run \"multires init --new-catalog\": it moves all old data to recovered/ in "
        + "the data folder."
}

/// Checks whether a catalog matches the originals in its data folder, before the catalog is used for serving
/// or cleaning up.
public struct CatalogMatch {
    /// Originals that are checked. Ids end in random digits, so some shards represent all, and a start takes
    /// no longer with a million images than with these.
    private static var sample: Int { 20_000 }

    private let catalog: any Catalog
    private let media: any MediaStore
    private let folders: DataFolders

    public init(_ catalog: any Catalog, _ media: any MediaStore, _ folders: DataFolders) {
        self.catalog = catalog
        self.media = media
        self.folders = folders
    }

    /// Throws `CatalogMismatch` when too many originals have no row.
    public func checkRows() throws {
        var (originals, orphans, shards) = (0, 0, 0)
        for shard in DataFolders.shards where originals < Self.sample {
            let found = try media.contents(ofShard: shard, olderThan: nil).originals
            originals += found.count
            orphans += try found.subtracting(catalog.images.existing(Array(found))).count
            shards += 1
        }
        guard originals > 0 else { return }
        guard try catalog.accounts.hasAccounts() else { throw CatalogMismatch.empty }
        let all = DataFolders.shards.count
        (originals, orphans) = (originals * all / shards, orphans * all / shards)
        if CatalogMismatch.isTooMany(orphans, of: originals) {
            throw CatalogMismatch.lacksRows(orphans, of: originals)
        }
    }

    /// Throws `CatalogMismatch` when the catalog has images but there is no original, unless the operator has
    /// confirmed that they are lost (`multires init --accept-lost-originals`).
    public func checkOriginals() throws {
        guard try !media.hasOriginals(), try Files.status(folders.lostOriginalsMarker) == nil else {
            return
        }
        let images = try catalog.images.totals().values.reduce(0) { $0 + $1.images }
        if images > 0 { throw CatalogMismatch.noOriginals(images: images) }
    }
}
