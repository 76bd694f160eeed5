import Synchronization

/// Whether this process has received a stop signal. Code that waits long checks it repeatedly and ends its
/// wait early.
public enum Stop {
    private static let flag = Atomic(false)

    public static var isRequested: Bool { flag.load(ordering: .relaxed) }

    static func request() { flag.store(true, ordering: .relaxed) }
}
