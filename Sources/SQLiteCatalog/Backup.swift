import Foundation
import Model
import Processes

extension SQLiteCatalog {
    /// Writes a copy, as of one moment, to `target`, which must not exist, and checks it. The service
    /// goes on meanwhile; in truncate mode writers wait, up to their busy timeout.
    ///
    /// The copy is in rollback mode; `migrate` sets the mode again after a restore. Copying the file
    /// itself would miss the log and drop this process's locks.
    public func copy(to target: String) throws {
        guard !FileManager.default.fileExists(atPath: target) else {
            throw Unusable("\(target) is there already.")
        }
        let draft = target + ".new"
        unlink(draft)
        do {
            try read { try $0.run("VACUUM INTO ?", [draft]) }
            let copy = try Connection.connect(draft, role: role)
            guard try copy.value("PRAGMA integrity_check(1)") == "ok" else {
                throw Unusable("\(database.path) is damaged: its copy is not sound.")
            }
            try copy.close()
        } catch {
            unlink(draft)
            throw translated(error)
        }
        // Password hashes are in it: only its owner may read it.
        try Files.publish(draft, as: target, mode: 0o600)
    }
}
