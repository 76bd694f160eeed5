import Glibc
import Processes

/// Every slot stayed taken as long as one waits, or memory is short; nothing was hashed.
public struct HashingBusy: Error {}

/// How many passwords are hashed at once, in all processes together (plain CGI has one per
/// request): a slot is a lock on a file, so the kernel frees it when its holder dies.
public struct HashSlots: Sendable {
    private let folder: String
    private let count: Int
    private let patience: Duration

    /// - Parameters:
    ///   - folder: shared by all processes, and there already; the data folder's `run`.
    ///   - patience: how long one waits for a slot; people give a login up after a few seconds.
    public init(folder: String, count: Int, patience: Duration = .seconds(2)) {
        self.folder = folder
        self.count = count
        self.patience = patience
    }

    /// Throws `HashingBusy`.
    public func withSlot<Result>(_ body: () throws -> Result) throws -> Result {
        let deadline = ContinuousClock.now + patience
        repeat {
            for number in 0..<count {
                let slot = try FileLock(path: "\(folder)/hash.\(number).lock")
                guard try slot.tryLock(.exclusive) else { continue }
                defer { slot.unlock() }
                return try body()
            }
            // A twentieth of the time that one hash takes.
            usleep(15_000)
        } while ContinuousClock.now < deadline
        throw HashingBusy()
    }
}
