import Foundation
import Model
import Operations
import Processes
import Settings

/// A name of this worker's own, with a folder in `run/` for what it works on and a lock in it that
/// the kernel drops when it dies. So others know at once whose leases and files are nobody's.
final class WorkerIdentity: Sendable {
    let name: String
    private let folders: DataFolders
    private let lock: FileLock

    /// - Parameter preset: told to whoever changes it, who must know what the worker goes by.
    init(_ folders: DataFolders, preset: Preset) throws {
        let name = DataFolders.workerPrefix + Identifier<Worker>().text
        // Under another name until the lock is held: nobody takes a worker that begins for a dead one.
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

    /// When its work is over. Not when it is released: a thread that is about to end may hold it until the
    /// process is gone.
    func leave() {
        _ = try? Files.removeTree(folder)
    }

    /// Where its resizers' folders are.
    var folder: String { folders.worker(name) }

    /// Voids the leases of workers whose lock nobody holds, and removes what they left.
    func buryTheDead(in queue: any JobQueue, _ log: Log) throws {
        let present = try FileManager.default.contentsOfDirectory(atPath: folders.run)
        let names = try queue.holders().union(
            present.filter { $0.hasPrefix(DataFolders.workerPrefix) })
        for other in present where other.hasPrefix(Self.draftPrefix) {
            let draft = "\(folders.run)/\(other)"
            // One that begins at this moment may not hold its lock yet.
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

    /// What cannot be removed now is tried again by the next sweep, and stops nobody.
    private func remove(_ path: String, _ log: Log) {
        do { _ = try Files.removeTree(path) } catch { log.error("\(error)") }
    }
}
