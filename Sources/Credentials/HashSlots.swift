import Glibc
import Processes

/// No slot became free in time, or memory is short. Nothing was hashed.
public struct HashingBusy: Error {
    public init() {}
}

/// Limits how many passwords are hashed at once in all processes together (plain CGI has one process per
/// request). A slot is a lock on a file, so the kernel releases it when its holder exits.
public struct HashSlots: Sendable {
    /// Addresses whose first bytes are equal modulo this number wait for each other. More lock files would
    /// help few clients.
    private static let addressLocks = 64

    private let folder: String
    private let count: Int
    private let timeout: Duration

    /// - Parameters:
    ///   - folder: the data folder's `run`, which all processes share. It must exist.
    ///   - timeout: how long to wait for a slot, from the beginning of the claim if there is one.
    public init(folder: String, count: Int, timeout: Duration) {
        self.folder = folder
        self.count = count
        self.timeout = timeout
    }

    /// Replaces `HashTurns.withTurn` in plain CGI, where each request has its own process: lets one claim
    /// of each address run at a time. Throws `HashingBusy`.
    public func withTurn<Result>(_ claim: HashClaim, _ body: () throws -> Result) throws -> Result {
        let number = Int(claim.address.first ?? 0) % Self.addressLocks
        return try withLock(of: ["address.\(number)"], for: claim, body)
    }

    /// Runs `body` in a slot. Registrations may use only the first half of the slots. Throws `HashingBusy`.
    public func withSlot<Result>(_ claim: HashClaim?, _ body: () throws -> Result) throws -> Result
    {
        let count = claim?.isRegistration == true ? max(1, count / 2) : count
        return try withLock(of: (0..<count).reversed().map { "\($0)" }, for: claim, body)
    }

    private func withLock<Result>(
        of names: [String], for claim: HashClaim?, _ body: () throws -> Result
    ) throws -> Result {
        let deadline = (claim?.begun ?? .now) + timeout
        repeat {
            for name in names {
                // A slot that was never used has no file, and a full disk has no space for one.
                guard let slot = try lock("\(folder)/hash.\(name).lock") else { continue }
                guard try slot.tryLock(.exclusive) else { continue }
                defer { slot.unlock() }
                return try body()
            }
            // A twentieth of the time of one hash.
            usleep(15_000)
        } while ContinuousClock.now < deadline
        throw HashingBusy()
    }

    /// Nil if the disk is full.
    private func lock(_ path: String) throws -> FileLock? {
        do {
            return try FileLock(path: path)
        } catch let error as SystemError where error.isFullDisk {
            return nil
        }
    }
}
