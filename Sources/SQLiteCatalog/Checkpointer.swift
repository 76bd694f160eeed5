import CSQLite
import Foundation
import Model
import Processes

/// Moves the log of a WAL catalog into the database and empties it. Nothing else does: on every
/// connection, automatic checkpoints and the checkpoint on close are off (see `WriteGate`).
///
/// Each worker has one. A responder uses one when even the reserved space runs low. The gate makes them
/// exclude each other.
public final class Checkpointer: Checkpointing {
    let database: Database
    private let gate: WriteGate
    private let path: String

    /// Throws `ConfigurationError` as `SQLiteCatalog` does.
    public init(path: String) throws {
        database = try Connection.open(path, journal: .wal, role: .checkpointer)
        gate = try WriteGate(catalog: path)
        self.path = path
    }

    /// Bytes in the write-ahead log of the catalog at `path`; 0 when there is none.
    static func logBytes(of path: String) -> Int64 {
        var status = stat()
        return stat(path + "-wal", &status) == 0 ? Int64(status.st_size) : 0
    }

    var logBytes: Int64 { Self.logBytes(of: path) }

    /// Empties the log when it has more than `threshold` bytes; false when it has not. Writers wait
    /// meanwhile, a few milliseconds for 4 MB. Throws `CatalogError.busy`, and does not empty the log, when a
    /// writer or reader does not finish within a second: try again later.
    @discardableResult
    public func checkpoint(whenOver threshold: Int64) throws -> Bool {
        guard logBytes > threshold else { return false }
        return try gate.pass(within: CatalogRole.checkpointer.timeout) {
            do {
                // The row is (busy, frames in the log, frames moved). A busy database is reported in the
                // first column, and not as an error. TRUNCATE, because only it shortens the log's file.
                guard try database.value("PRAGMA wal_checkpoint(TRUNCATE)") == 0 else {
                    throw CatalogError.busy
                }
                return true
            } catch {
                let error = translated(error)
                if let fault = error as? SQLiteError, fault.primaryCode == SQLITE_IOERR {
                    FailedSync.remember()
                }
                throw error
            }
        }
    }
}
