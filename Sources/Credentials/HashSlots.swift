import Glibc
import Processes

/// Every slot stayed taken as long as one waits, or memory is short; nothing was hashed.
public struct HashingBusy: Error {
    public init() {}
}

/// How many passwords are hashed at once, in all processes together (plain CGI has one per
/// request): a slot is a lock on a file, so the kernel frees it when its holder dies.
public struct HashSlots: Sendable {
    /// Addresses whose first byte is the same wait for each other; more files would help few.
    private static let addressLocks = 64

    private let folder: String
    private let count: Int
    private let patience: Duration
    private let isAlone: Bool

    /// - Parameters:
    ///   - folder: shared by all processes, and there already; the data folder's `run`.
    ///   - patience: how long one waits for a slot.
    ///   - isAlone: whether this process has one request only, as in plain CGI, where `HashTurns`
    ///     orders nothing: one process of each address at a time tries to get a slot.
    public init(folder: String, count: Int, patience: Duration, isAlone: Bool = false) {
        self.folder = folder
        self.count = count
        self.patience = patience
        self.isAlone = isAlone
    }

    /// Throws `HashingBusy`.
    public func withSlot<Result>(_ claim: HashClaim?, _ body: () throws -> Result) throws -> Result
    {
        let deadline = ContinuousClock.now + patience
        guard isAlone, let first = claim?.address.first else {
            return try withSlot(claim, until: deadline, body)
        }
        let number = Int(first) % Self.addressLocks
        return try withLock(of: ["address.\(number)"], until: deadline) {
            try withSlot(claim, until: deadline, body)
        }
    }

    /// Registrations have the first half of the slots.
    private func withSlot<Result>(
        _ claim: HashClaim?, until deadline: ContinuousClock.Instant, _ body: () throws -> Result
    ) throws -> Result {
        let count = claim?.isRegistration == true ? max(1, count / 2) : count
        return try withLock(of: (0..<count).reversed().map { "\($0)" }, until: deadline, body)
    }

    private func withLock<Result>(
        of names: [String], until deadline: ContinuousClock.Instant, _ body: () throws -> Result
    ) throws -> Result {
        repeat {
            for name in names {
                // A slot that was never used has no file, and a full disk has no room for one.
                guard let slot = try lock("\(folder)/hash.\(name).lock") else { continue }
                guard try slot.tryLock(.exclusive) else { continue }
                defer { slot.unlock() }
                return try body()
            }
            // A twentieth of the time that one hash takes.
            usleep(15_000)
        } while ContinuousClock.now < deadline
        throw HashingBusy()
    }

    /// Nil where the disk is full.
    private func lock(_ path: String) throws -> FileLock? {
        do {
            return try FileLock(path: path)
        } catch let error as SystemError where error.code == ENOSPC || error.code == EDQUOT {
            return nil
        }
    }
}
