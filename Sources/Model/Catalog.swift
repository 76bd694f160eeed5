/// The database of one data folder. Any number of processes may share it; each thread opens its own
/// instance.
public protocol Catalog: AnyObject {
    var accounts: any AccountStore { get }
    var images: any ImageStore { get }
    var queue: any JobQueue { get }

    /// Reads the whole database once, and throws `ConfigurationError` when it is damaged.
    func quickCheck() throws

    /// Writes a copy, as of one moment, to `target`, which must not exist, and checks it. The service
    /// continues meanwhile.
    func copy(to target: String) throws

    /// Closes the connection. No other call may follow. Throws the error that closing reports.
    func close() throws

    /// The version of the database library, and whether this connection has the settings that protect the
    /// data (ARCHITECTURE.md).
    func safety() throws -> (version: String, isSafe: Bool)

    /// Length of the write-ahead log in bytes; 0 when there is none.
    var logBytes: Int64 { get }
}

/// What a connection is used for. It decides how long the connection waits for other writers.
public enum CatalogRole: Sendable, CaseIterable {
    /// 5 s: shorter than the timeout of any client or gateway.
    case responder
    /// 15 s: storing a finished rendering is worth a longer wait. `multires` has this role too.
    case worker
    /// 1 s: writers wait behind a checkpoint, so it gives up early and is tried again later.
    case checkpointer
}

/// Moves a catalog's write-ahead log into the database. Checkpoints of several processes exclude each other.
public protocol Checkpointing {
    /// Moves and empties the log when it has more than `threshold` bytes; false when it has not. Throws
    /// `CatalogError.busy` when a writer or reader does not finish in time: try again later.
    @discardableResult
    func checkpoint(whenOver threshold: Int64) throws -> Bool
}

/// Why a setting, a file or the data folder cannot be used. The description is for the operator, and states
/// what to do.
public struct ConfigurationError: Error, CustomStringConvertible {
    public let description: String

    public init(_ sentence: String) {
        description = sentence
    }

    /// - Parameter reason: why the file cannot be read; nil if it does not exist.
    public static func noDatabase(at path: String, because reason: String?) -> ConfigurationError {
        guard let reason else {
            return ConfigurationError("There is no database at \(path). Run \"multires init\".")
        }
        return ConfigurationError(
            "\(path) cannot be read: \(reason). Run the command as the user that owns the data "
                + "folder, for example with sudo -u USER.")
    }
}
