import Foundation
import Model
import Operations
import Processes
import Settings

/// All that a data folder holds, moved to a folder of its own in `recovered/` by a few renames. Killed
/// in between, it can be done again: what is left is refused as a data folder that lost a part.
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
        print("The old data is in \(place). \"multires images recover\" takes originals from it.")
    }

    private func refuseWhileServed() throws -> FileLock {
        try FileManager.default.createDirectory(
            atPath: folders.run, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o750])
        let lock = try FileLock(path: folders.run + "/serve.lock")
        let users = OpenFiles.users(of: folders.catalog)
        guard try lock.tryLock(.exclusive), !Workers.areRunning(folders), users.isEmpty else {
            throw Unusable("\(folders.root) is being served: stop everything first.")
        }
        return lock
    }

    /// Named after this moment, as 20250131T093000Z.
    private func newPlace() throws -> String {
        let moment = Timestamp.now().rfc3339.filter { $0 != "-" && $0 != ":" }
        let place = "\(folders.recovered)/\(moment)"
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o750])
        return place
    }
}
