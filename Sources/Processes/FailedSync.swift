import Synchronization

/// Whether a sync has failed in this process. The kernel then marks the pages as clean, so a later sync may
/// succeed although they are not on disk. So the process exits, and its supervisor starts another one, which
/// reads what is really on disk.
public enum FailedSync {
    private static let flag = Atomic(false)

    public static var hasHappened: Bool { flag.load(ordering: .acquiring) }

    public static func remember() { flag.store(true, ordering: .releasing) }
}

/// Why a program exits after `FailedSync`.
public struct DiskFailed: Error, CustomStringConvertible {
    public let description = "a sync to the disk failed; exiting, to be restarted"

    public init() {}
}
