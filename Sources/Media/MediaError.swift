import Glibc
import Processes

public enum MediaError: Error, Hashable, CustomStringConvertible {
    /// The disk, or a quota on it, is full; nothing was stored.
    case noSpace
    /// Uploads on their way in take what room there is.
    case roomTaken
    /// The account has as much on its way in as one may.
    case shareUsed
    /// There is no such original.
    case missing

    public var description: String {
        switch self {
        case .noSpace: "The disk is full."
        case .roomTaken: "Uploads under way take what is left of the disk."
        case .shareUsed: "The account's share of the disk is used up."
        case .missing: "The original is missing."
        }
    }
}

/// Any call that stores may find the disk full, even fsync: they all run in here.
package func storing<Result: ~Copyable>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as SystemError where error.isFullDisk {
        throw MediaError.noSpace
    }
}
