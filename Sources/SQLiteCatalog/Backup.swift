import Foundation
import Model
import Processes

extension SQLiteCatalog {
    /// Writes a copy, as of one moment, to `target`, which must not exist, and checks it. The service
    /// continues meanwhile; in truncate mode writers wait, up to their busy timeout.
    ///
    /// The copy is in rollback mode; `migrate` sets the mode again after a restore. A copy of the file would
    /// lack what is in the log, and closing the file would drop this process's locks
    /// (sqlite.org/howtocorrupt.html, section 2.2).
    public func copy(to target: String) throws {
        guard !FileManager.default.fileExists(atPath: target) else {
            throw ConfigurationError("\(target) already exists.")
        }
        let draft = target + ".new"
        unlink(draft)
        do {
            // VACUUM may not run in a transaction; it reads a snapshot of its own.
            try read { try $0.run("VACUUM INTO ?", [draft]) }
            let copy = try Connection.connect(draft, role: role)
            guard try copy.value("PRAGMA integrity_check(1)") == "ok" else {
                throw ConfigurationError(
                    "\(database.path) is damaged: its copy fails SQLite's integrity check.")
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
