import Foundation
import Model
import Operations
import Processes
import Settings

/// The unique name of this worker, with its folder in `run/`, which contains its temporary files and a lock.
/// The kernel releases the lock when the worker exits, so other workers see at once which leases and files
/// can be released.
final class WorkerIdentity: Sendable {
    let name: String
    private let folders: DataFolders
    private let lock: FileLock

    /// - Parameter preset: written to the folder: `multires presets apply` checks that every worker uses the
    ///   current preset.
    init(_ folders: DataFolders, preset: Preset) throws {
        let name = DataFolders.workerPrefix + Identifier<Worker>().text
        // Under another name until the lock is held: otherwise a worker that starts could be considered dead.
        let draft = "\(folders.run)/\(Self.draftPrefix)\(name)"
        try Files.makeFolder(draft)
        let lock = try FileLock(path: draft + "/lock")
        try lock.lock(.exclusive)
        try Data(PresetFile.text(preset).utf8)
            .write(to: URL(fileURLWithPath: draft + "/preset.json"))
        try Files.move(draft, to: folders.worker(name))
        self.name = name
        self.folders = folders
        self.lock = lock
    }

    private static let draftPrefix = "begins-"

    /// Removes the folder when the work has ended. Not in `deinit`: a thread that is about to exit may keep
    /// this object until the process has ended.
    func leave() {
        _ = try? Files.removeTree(folder)
    }

    /// Contains the folders of its resizers.
    var folder: String { folders.worker(name) }

    /// Voids the leases of workers whose lock is free, and removes their folders.
    func releaseDeadWorkers(in queue: any JobQueue, _ log: Log) throws {
        let present = try FileManager.default.contentsOfDirectory(atPath: folders.run)
        let names = try queue.holders().union(
            present.filter { $0.hasPrefix(DataFolders.workerPrefix) })
        for other in present where other.hasPrefix(Self.draftPrefix) {
            let draft = "\(folders.run)/\(other)"
            // A worker that is just starting may not hold its lock yet.
            let made = try? FileManager.default.attributesOfItem(atPath: draft)[.modificationDate]
            guard let made = made as? Date, made.timeIntervalSinceNow < -60 else { continue }
            remove(draft, log)
        }
        for other in names where other != name {
            let folder = folders.worker(other)
            if FileLock.isHeld(folder + "/lock") { continue }
            try queue.releaseAll(of: other)
            remove(folder, log)
        }
    }

    /// A failure is only logged: the next sweep tries again.
    private func remove(_ path: String, _ log: Log) {
        do { _ = try Files.removeTree(path) } catch { log.error("\(error)") }
    }
}
