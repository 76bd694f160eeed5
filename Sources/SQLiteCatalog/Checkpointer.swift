import CSQLite
import Foundation
import Model
import Processes

/// Moves the log of a WAL catalog into the database and empties it. Nothing else does: every
/// connection has automatic checkpoints and the one on close switched off (see `WriteGate`).
///
/// The worker and `multires` each run one in a thread of its own; they exclude one another.
public final class Checkpointer: Checkpointing {
    let database: Database
    private let gate: WriteGate
    private let path: String

    /// Throws `Unusable` as `SQLiteCatalog` does.
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

    /// Empties the log when it holds more than `threshold` bytes; false when it does not. Writers
    /// wait meanwhile, a few milliseconds for 4 MB. Throws `CatalogError.busy`, with
    /// the log as it was, when a writer or reader is not done within a second: come again.
    @discardableResult
    public func checkpoint(whenOver threshold: Int64) throws -> Bool {
        guard logBytes > threshold else { return false }
        return try gate.pass(within: CatalogRole.checkpointer.patience) {
            do {
                // (busy, frames in the log, frames moved). Busy is no error code but a column.
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
