import Glibc
import Processes

public enum MediaError: Error, Hashable, CustomStringConvertible {
    /// The disk, or a quota on it, is full; nothing was stored.
    case noSpace
    /// Uploads in progress have reserved the remaining disk space.
    case spaceReserved
    /// The account's uploads in progress have reserved as much as one account may.
    case accountShareUsed
    /// There is no such original or variant.
    case missing

    public var description: String {
        switch self {
        case .noSpace: "The disk is full."
        case .spaceReserved: "Uploads in progress need the remaining disk space."
        case .accountShareUsed:
            "The account's uploads in progress have reached its share of the disk."
        case .missing: "The file is missing."
        }
    }
}

/// Runs calls that store, and throws `MediaError.noSpace` if they find the disk full. Any such call can, even
/// fsync.
package func storing<Result: ~Copyable>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as SystemError where error.isFullDisk {
        throw MediaError.noSpace
    }
}
