import Media
import Model
import Processes
import Settings

/// Why a catalog is not the one that belongs to the originals beside it.
public enum CatalogMismatch: Error, Hashable, CustomStringConvertible {
    /// It knows no account at all, and there are originals. Also where all accounts were deleted and a
    /// crash left one original, since a catalog that was created again in the place of a lost one looks the
    /// same.
    case empty
    case lacksRows(Int, of: Int)
    /// It has so many images, and `originals/` is missing or empty.
    case noOriginals(images: Int)

    /// What is left by crashes, one original for each upload in hand, stays far below. Rule 3 of the
    /// rules that keep data.
    public static func isTooMany(_ orphans: Int, of originals: Int) -> Bool {
        orphans > max(100, originals / 20)
    }

    public var description: String {
        switch self {
        case .empty:
            "The catalog is empty, but originals/ is not. If all accounts were deleted, that is what a "
                + "crash left of an upload, and \"multires init --new-catalog\" moves it away. "
                + Self.remedy
        case .lacksRows(let orphans, let originals):
            "The catalog does not know \(orphans) of the \(originals) images in originals/, so it "
                + "has lost rows or is not this folder's catalog. " + Self.remedy
        case .noOriginals(let images):
            "The catalog has \(images) images, but originals/ is missing or empty. Mount the disk "
                + "it is on, or move it back; if the originals are lost for good, run \"multires "
                + "init --accept-lost-originals\" and then \"multires restore DIR --originals\" if "
                + "there is a backup."
        }
    }

    public static let remedy =
        "Restore the newest backup: move catalog.sqlite3 and catalog.sqlite3-wal away and run "
        + "\"multires restore DIR\". To begin with an empty catalog instead, run \"multires init "
        + "--new-catalog\": it moves all old data to recovered/ in the data folder."
}

/// Looks whether a catalog belongs to the originals beside it, before anything is served or cleaned
/// up by it.
public struct CatalogMatch {
    /// Ids end in random digits, so some shards stand for all: a start takes no longer with a million
    /// images than with these.
    private static var sample: Int { 20_000 }

    private let catalog: any Catalog
    private let media: any MediaStore
    private let folders: DataFolders

    public init(_ catalog: any Catalog, _ media: any MediaStore, _ folders: DataFolders) {
        self.catalog = catalog
        self.media = media
        self.folders = folders
    }

    /// Throws `CatalogMismatch` when it lacks rows.
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

    /// Throws `CatalogMismatch` when it has images, and there is no original, unless their owner said that
    /// they are lost.
    public func checkOriginals() throws {
        guard try !media.hasOriginals(), try Files.status(folders.lostMark) == nil else { return }
        let images = try catalog.images.totals().values.reduce(0) { $0 + $1.images }
        if images > 0 { throw CatalogMismatch.noOriginals(images: images) }
    }
}
