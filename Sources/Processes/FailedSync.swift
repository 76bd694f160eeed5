import Synchronization

/// Whether this process has seen a sync fail. The kernel then takes the pages for clean, so that a
/// later sync may succeed although they are not on the disk: the process ends, and its supervisor
/// starts another, which reads what is really there.
public enum FailedSync {
    private static let flag = Atomic(false)

    public static var hasHappened: Bool { flag.load(ordering: .acquiring) }

    public static func remember() { flag.store(true, ordering: .releasing) }
}

/// Why a program ends after `FailedSync`.
public struct DiskFailed: Error, CustomStringConvertible {
    public let description = "a sync to the disk failed; ending, to be started again"

    public init() {}
}
