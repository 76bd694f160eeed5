import Foundation
import Media
import Model
import Operations
import Processes
import Settings
import Text

/// A backup: `catalog.sqlite3`, and `originals/` and `media/` as in the data folder, so that the same code
/// reads both, and cp can restore a part.
package final class BackupFolder {
    package let path: String
    let media: any MediaStore
    let paths: MediaPath
    private let lock: FileLock

    /// Creates the folder if necessary. Throws `ConfigurationError` if it cannot be a backup, or if another
    /// backup or restore uses it.
    package convenience init(making name: String, outside data: DataFolders) throws {
        let path = URL(fileURLWithPath: name).standardizedFileURL.resolvingSymlinksInPath().path
        let root = URL(fileURLWithPath: data.root).resolvingSymlinksInPath().path
        guard !path.isSame(as: root), !path.starts(withBytes: root + "/") else {
            throw ConfigurationError(
                "\(path) is in the data folder. Choose a folder on another disk.")
        }
        try ChosenFolder.make(path, mode: 0o700)
        try Self.refuseOtherFiles(in: path)
        try self.init(path: path)
        for part in [paths.folders.originals, paths.folders.media] {
            try ChosenFolder.make(part, mode: 0o750)
        }
    }

    /// The files of a backup have ordinary names, so none of them may already be another file of the user.
    private static func refuseOtherFiles(in path: String) throws {
        let names = try Files.names(in: path)
            .filter { !$0.hasPrefix(".") && $0 != "lost+found" }
        let isBackup = names.contains { $0.hasPrefix("catalog.sqlite3") }
        guard names.isEmpty || isBackup || Set(names).isSubset(of: ["lock", "originals", "media"])
        else {
            throw ConfigurationError(
                "\(path) has other files. Choose an empty folder, or an existing backup.")
        }
    }

    /// An existing backup. Throws `ConfigurationError` if the folder is not one, or if another backup or
    /// restore uses it.
    package convenience init(existing name: String) throws {
        let path = URL(fileURLWithPath: name).standardizedFileURL.path
        guard FileManager.default.fileExists(atPath: path + "/catalog.sqlite3") else {
            throw ConfigurationError("\(path) is not a backup: it has no catalog.sqlite3.")
        }
        try self.init(path: path)
    }

    private init(path: String) throws {
        self.path = path
        paths = MediaPath(DataFolders(root: path))
        media = MediaEngine.open(paths.folders)
        lock = try FileLock(path: path + "/lock")
        guard try lock.tryLock(.exclusive) else {
            throw ConfigurationError("Another backup or restore uses \(path).")
        }
    }

    package var catalog: String { paths.folders.catalog }
    /// The next catalog, until all files that it names are copied.
    var draft: String { catalog + ".next" }
    /// A file that is not completely copied.
    var part: String { path + "/part" }

    /// Removes the files of images that are not in the catalog. Returns the number of images.
    package func prune() throws -> Int {
        let catalog = try CatalogEngine.open(copy: catalog)
        var gone: [Identifier<Image>] = []
        try Orphans(catalog, media, olderThan: .zero).visit { gone.append($0) }
        for id in gone {
            for format in ImageFormat.allCases { unlink(paths.original(id, format)) }
            try? FileManager.default.removeItem(atPath: paths.variants(id))
        }
        return gone.count
    }
}
