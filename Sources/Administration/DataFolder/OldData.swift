import Foundation
import Model
import Operations
import Processes
import Settings

/// Moves the catalog, the originals and the variants of a data folder to a new folder in `recovered/`, with a
/// few renames. If interrupted, run it again; until then, `DataFolder.prepare` refuses the incomplete data
/// folder.
package struct OldData {
    private let folders: DataFolders

    package init(_ folders: DataFolders) {
        self.folders = folders
    }

    package func moveAside() throws {
        let parts =
            ["", "-wal", "-shm", "-journal"].map { folders.catalog + $0 } + [
                folders.originals, folders.media, folders.published,
            ]
        let present = parts.filter { FileManager.default.fileExists(atPath: $0) }
        guard !present.isEmpty else { return }
        let lock = try refuseWhileServed()
        let place = try newPlace()
        for part in present {
            let target = place + "/" + URL(fileURLWithPath: part).lastPathComponent
            try Files.move(part, to: target)
        }
        for folder in [place, folders.recovered, folders.root] {
            try Files.sync(folder)
        }
        lock.unlock()
        print("The old data is in \(place). \"multires images recover\" imports originals from it.")
    }

    private func refuseWhileServed() throws -> FileLock {
        try Files.makeFolders(folders.run, mode: 0o750)
        let lock = try FileLock(path: folders.run + "/serve.lock")
        let users = OpenFiles.users(of: folders.catalog)
        guard try lock.tryLock(.exclusive), !Workers.areRunning(folders), users.isEmpty else {
            throw ConfigurationError("\(folders.root) is being served. Stop the service first.")
        }
        return lock
    }

    /// A new folder that is named after the time, like 20250131T093000Z.
    private func newPlace() throws -> String {
        let moment = Timestamp.now().rfc3339.filter { $0 != "-" && $0 != ":" }
        let place = "\(folders.recovered)/\(moment)"
        try Files.makeFolders(place, mode: 0o750)
        return place
    }
}
