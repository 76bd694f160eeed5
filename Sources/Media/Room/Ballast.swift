import Glibc
import Model
import Processes
import Settings

/// A file of reserved bytes. When no byte is free, a removal needs some all the same, for the row
/// that says so: it takes them from here, a step at a time, and gives back what it frees before
/// anything else can take it.
public struct Ballast: Sendable {
    /// Whoever may use it up.
    public enum Use: Sendable {
        /// Takes nothing that lasts: a deletion, an image made private, a session or key that ends.
        case removal
        /// Has to come before a removal, but must not use up what that needs: half stays.
        case signIn
        /// As a sign-in, but what it makes room for is not over when it returns.
        case start
    }

    /// A removal's pages in the database's log, several times over.
    private static let step: Int64 = 512 * 1024
    private static let block: Int64 = 4096

    private let path: String
    private let folder: String
    private let size: Int64
    private let reserve: Int64
    private let foldLog: (@Sendable () throws -> Void)?

    /// - Parameter foldLog: moves the database's log into the database, and so frees what the log takes.
    public init(
        _ configuration: Configuration, foldLog: (@Sendable () throws -> Void)? = nil
    ) {
        path = configuration.folders.ballast
        folder = configuration.folders.root
        size = configuration.ballast
        reserve = configuration.diskReserve
        self.foldLog = foldLog
    }

    /// Runs `body`, again after each step that is given up, as long as it finds the disk full. What it
    /// does must come to the same when it is done again.
    public func makingRoom<Result>(
        for use: Use, _ body: () throws -> Result
    ) throws -> Result {
        var (hasGivenUp, hasFolded) = (false, false)
        defer { if use == .removal || use == .signIn && hasGivenUp { takeBack() } }
        while true {
            do {
                return try body()
            } catch  where Self.isFull(error) {
                let isGivenUp = giveUpStep(for: use)
                hasGivenUp = hasGivenUp || isGivenUp
                // Not only when nothing is left: folding may need some to give back more.
                if use == .removal, !hasFolded, length <= size / 2, let foldLog {
                    hasFolded = (try? foldLog()) != nil
                    if hasFolded { continue }
                }
                guard isGivenUp else { throw error }
            }
        }
    }

    /// Makes it as long as it should be; of a disk that has no room for that beside its reserve it takes
    /// what is free, since removals come before all else. True when it grew.
    @discardableResult
    public func refill(free: Int64) throws -> Bool {
        let before = length
        let missing = size - before
        guard missing > 0 else { return false }
        guard free - missing > reserve else {
            takeBack(leavingSome: true)
            return length > before
        }
        let file = try FileDescriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
        let code = posix_fallocate(file.number, 0, off_t(size))
        guard code == 0 else { throw SystemError("posix_fallocate", path, code: code) }
        return true
    }

    /// Makes it longer by what is free, whatever the disk's reserve says.
    ///
    /// - Parameter leavingSome: a step's bytes stay free, for what is no removal.
    private func takeBack(leavingSome: Bool = false) {
        guard length < size, let file = lockedFile(O_CREAT) else { return }
        let length = self.length
        let free = ((try? Files.freeBytes(in: folder)) ?? 0) - (leavingSome ? Self.step : 0)
        var more = min(size - length, free / Self.block * Self.block)
        while more >= Self.block {
            if posix_fallocate(file.number, off_t(length), off_t(more)) == 0 { return }
            // The disk needs some of it for its own books.
            ftruncate(file.number, off_t(length))
            more = more / 2 / Self.block * Self.block
        }
    }

    private var length: Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Two who change it at once would both count the same bytes as theirs.
    private func lockedFile(_ flags: Int32 = 0) -> FileDescriptor? {
        guard let file = try? FileDescriptor(opening: path, O_RDWR | flags, mode: 0o600) else {
            return nil
        }
        guard flock(file.number, LOCK_EX) == 0 else { return nil }
        return file
    }

    private func giveUpStep(for use: Use) -> Bool {
        guard let file = lockedFile() else { return false }
        let least = use == .removal ? 0 : size / 2
        let length = self.length
        guard length > least else { return false }
        return ftruncate(file.number, off_t(max(least, length - Self.step))) == 0
    }

    /// Whether this says that the disk is full.
    public static func isFull(_ error: any Error) -> Bool {
        switch error {
        case MediaError.noSpace, CatalogError.noSpace: true
        // At a commit the WAL's shared memory could not grow; after a failed sync nobody goes on.
        case CatalogError.unknownOutcome: !FailedSync.hasHappened
        case let error as SystemError: error.isFullDisk
        default: false
        }
    }
}
