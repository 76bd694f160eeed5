import Synchronization

/// Whether this process was told to end. What waits long asks now and then and ends its wait early.
public enum Stop {
    private static let flag = Atomic(false)

    public static var isRequested: Bool { flag.load(ordering: .relaxed) }

    static func request() { flag.store(true, ordering: .relaxed) }
}
