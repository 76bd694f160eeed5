import Catalog
import Glibc
import Processes

/// A file of reserved bytes. When no byte is free, a deletion needs some all the same, for the row
/// that says so: it takes them from here, a step at a time.
public struct Ballast: Sendable {
    /// Whoever may use it up.
    public enum Use: Sendable {
        /// Frees more than it takes.
        case deletion
        /// Has to come before a deletion, but must not use up what that needs: half stays.
        case signIn
    }

    /// A deletion's pages in the database's log, many times over.
    private static let step: Int64 = 512 * 1024

    private let path: String
    private let size: Int64
    private let reserve: Int64

    public init(_ configuration: Configuration) {
        path = configuration.folders.ballast
        size = configuration.ballast
        reserve = configuration.diskReserve
    }

    /// Runs `body`, again after each step that is given up, as long as it finds the disk full. What it
    /// does must come to the same when it is done again.
    public func makingRoom<Result>(
        for use: Use, _ body: () throws -> Result
    ) throws -> Result {
        while true {
            do {
                return try body()
            } catch  where Self.isFull(error) {
                guard giveUpStep(for: use) else { throw error }
            }
        }
    }

    /// Makes it as long as it should be, when the disk has room for that beside its reserve. True when
    /// it was not.
    @discardableResult
    public func refill(free: Int64) throws -> Bool {
        let missing = size - (try Files.status(path).map { Int64($0.st_size) } ?? 0)
        guard missing > 0, free - missing > reserve else { return false }
        let file = try FileDescriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
        let code = posix_fallocate(file.number, 0, off_t(size))
        guard code == 0 else { throw SystemError("posix_fallocate", path, code: code) }
        return true
    }

    private func giveUpStep(for use: Use) -> Bool {
        guard let file = try? FileDescriptor(opening: path, O_RDWR) else { return false }
        // Two who shrink it at once would both count the same bytes as theirs.
        guard flock(file.number, LOCK_EX) == 0 else { return false }
        var status = stat()
        let least = use == .signIn ? size / 2 : 0
        guard fstat(file.number, &status) == 0, Int64(status.st_size) > least else { return false }
        return ftruncate(file.number, max(off_t(least), status.st_size - off_t(Self.step))) == 0
    }

    private static func isFull(_ error: any Error) -> Bool {
        switch error {
        case MediaError.noSpace, CatalogError.noSpace: true
        // At a commit the WAL's shared memory could not grow; after a failed sync nobody goes on.
        case CatalogError.unknownOutcome: !FailedSync.hasHappened
        case let error as SystemError: error.code == ENOSPC || error.code == EDQUOT
        default: false
        }
    }
}
