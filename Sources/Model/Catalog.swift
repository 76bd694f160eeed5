/// All rows of one data folder: shared by any number of processes, each thread of which
/// opens its own.
public protocol Catalog: AnyObject {
    var accounts: any AccountStore { get }
    var images: any ImageStore { get }
    var queue: any JobQueue { get }

    /// Reads everything once, looking for damage. Throws `Unusable`.
    func quickCheck() throws

    /// Writes a copy, as of one moment, to `target`, which must not exist, and checks it. The service goes
    /// on meanwhile.
    func copy(to target: String) throws

    /// Nothing may be called on it any more; throws what closing finds.
    func close() throws

    /// The library's version, and whether this connection keeps the rules that keep data.
    func safety() throws -> (version: String, isSafe: Bool)

    /// Bytes of what is committed and not yet in its place; 0 when there is none.
    var logBytes: Int64 { get }
}

/// What a connection is for, which decides how long it waits for another writer.
public enum CatalogRole: Sendable, CaseIterable {
    /// 5 s: shorter than any client or gateway waits.
    case responder
    /// 15 s; `multires` too. Finished work is worth a longer wait.
    case worker
    /// 1 s: writers wait behind it, so it gives up and comes again.
    case checkpointer
}

/// Puts what a catalog's log holds in its place. For one process of a data folder.
public protocol Checkpointing {
    /// Does so when the log has more than `threshold` bytes; false when it has not. Throws
    /// `CatalogError.busy` when a writer or reader is not done in time: come again.
    @discardableResult
    func checkpoint(whenOver threshold: Int64) throws -> Bool
}

/// Why a catalog cannot be used as it is; one sentence for whoever runs the service.
public struct Unusable: Error, CustomStringConvertible {
    public let description: String

    public init(_ sentence: String) {
        description = sentence
    }
}
