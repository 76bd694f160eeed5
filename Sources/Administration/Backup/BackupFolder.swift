import Foundation
import Media
import Model
import Operations
import Processes
import Settings
import Text

/// A backup: `catalog.sqlite3`, and `originals/` and `media/` as in the data folder, so that the same
/// code looks after both, and cp brings a part back if need be.
package final class BackupFolder {
    package let path: String
    let media: any MediaStore
    let paths: MediaPath
    private let lock: FileLock

    /// Makes the folder if need be. Throws where it cannot be one, or another backup writes to it.
    package convenience init(making name: String, outside data: DataFolders) throws {
        let path = URL(fileURLWithPath: name).standardizedFileURL.resolvingSymlinksInPath().path
        let root = URL(fileURLWithPath: data.root).resolvingSymlinksInPath().path
        guard !path.isSame(as: root), !path.starts(withBytes: root + "/") else {
            throw Unusable("\(path) is in the data folder. Choose a folder on another disk.")
        }
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try Self.refuseOtherFiles(in: path)
        try self.init(path: path)
        for part in [paths.folders.originals, paths.folders.media] {
            try FileManager.default.createDirectory(
                atPath: part, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o750])
        }
    }

    /// Some names of a backup's are ordinary ones: none of them is to be somebody's own file.
    private static func refuseOtherFiles(in path: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { !$0.hasPrefix(".") && $0 != "lost+found" }
        let isBackup = names.contains { $0.hasPrefix("catalog.sqlite3") }
        guard names.isEmpty || isBackup || Set(names).isSubset(of: ["lock", "originals", "media"])
        else {
            throw Unusable("\(path) has other files: name an empty folder, or a backup.")
        }
    }

    /// One that is there. Throws where it is none, or a backup writes to it.
    package convenience init(existing name: String) throws {
        let path = URL(fileURLWithPath: name).standardizedFileURL.path
        guard FileManager.default.fileExists(atPath: path + "/catalog.sqlite3") else {
            throw Unusable("\(path) is no backup: it has no catalog.sqlite3.")
        }
        try self.init(path: path)
    }

    private init(path: String) throws {
        self.path = path
        paths = MediaPath(DataFolders(root: path))
        media = MediaEngine.open(paths.folders)
        lock = try FileLock(path: path + "/lock")
        guard try lock.tryLock(.exclusive) else {
            throw Unusable("Another backup or restore is at work in \(path).")
        }
    }

    package var catalog: String { paths.folders.catalog }
    /// The next one's, until all that it names is there.
    var draft: String { catalog + ".next" }
    /// A file that is not yet whole.
    var part: String { path + "/part" }

    /// Removes what the catalog does not know. Returns how many images that were.
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
