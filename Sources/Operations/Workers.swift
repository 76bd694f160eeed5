import Foundation
import Model
import Processes
import Settings

/// The workers of a data folder.
public enum Workers {
    public static func areRunning(_ folders: DataFolders) -> Bool {
        !running(folders).isEmpty
    }

    /// Paths of the running workers' folders in `run/`.
    public static func running(_ folders: DataFolders) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folders.run)) ?? []
        return names.filter { $0.hasPrefix(DataFolders.workerPrefix) }.map(folders.worker)
            .filter { FileLock.isHeld($0 + "/lock") }
    }
}
