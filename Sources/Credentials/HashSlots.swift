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

    /// - Parameters:
    ///   - folder: shared by all processes, and there already; the data folder's `run`.
    ///   - patience: how long one waits, from the beginning of the claim if there is one.
    public init(folder: String, count: Int, patience: Duration) {
        self.folder = folder
        self.count = count
        self.patience = patience
    }

    /// In plain CGI, where each request has a process, instead of `HashTurns.withTurn`: one of each
    /// address at a time. Throws `HashingBusy`.
    public func withTurn<Result>(_ claim: HashClaim, _ body: () throws -> Result) throws -> Result {
        let number = Int(claim.address.first ?? 0) % Self.addressLocks
        return try withLock(of: ["address.\(number)"], for: claim, body)
    }

    /// Registrations have the first half of the slots. Throws `HashingBusy`.
    public func withSlot<Result>(_ claim: HashClaim?, _ body: () throws -> Result) throws -> Result
    {
        let count = claim?.isRegistration == true ? max(1, count / 2) : count
        return try withLock(of: (0..<count).reversed().map { "\($0)" }, for: claim, body)
    }

    private func withLock<Result>(
        of names: [String], for claim: HashClaim?, _ body: () throws -> Result
    ) throws -> Result {
        let deadline = (claim?.begun ?? .now) + patience
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
        } catch let error as SystemError where error.isFullDisk {
            return nil
        }
    }
}
