import Glibc
import Model
import Processes
import Settings

/// A file that reserves disk space. On a full disk, a removal still needs space to change its row. It
/// shortens this file, one step at a time, and afterwards extends it by what the removal freed, before
/// anything else can use that.
public struct ReservedSpace: Sendable {
    /// What the space is used for.
    public enum Use: Sendable {
        /// Takes no space permanently: deleting something, making an image private, ending a session or
        /// revoking a key. It may use all of the space.
        case removal
        /// Must be possible before a removal, but must not use up the space that a removal needs: half stays
        /// reserved.
        case signIn
        /// Like a sign-in, but the space is still needed after the call returns.
        case start
    }

    /// Several times the pages that a removal writes to the database's log, in bytes.
    private static let step: Int64 = 512 * 1024
    private static let block: Int64 = 4096

    private let path: String
    private let folder: String
    private let size: Int64
    private let reserve: Int64
    private let checkpoint: (@Sendable () throws -> Void)?

    /// - Parameter checkpoint: moves the database's log into the database, which frees the log's space.
    public init(
        _ configuration: Configuration, checkpoint: (@Sendable () throws -> Void)? = nil
    ) {
        path = configuration.folders.reservedSpace
        folder = configuration.folders.root
        size = configuration.reservedSpace
        reserve = configuration.diskReserve
        self.checkpoint = checkpoint
    }

    /// Runs `body`. While it finds the disk full, releases one step of the reserved space and runs it again.
    /// `body` must have the same result if it is repeated. Throws its last error when nothing is left to
    /// release.
    public func withReservedSpace<Result>(
        for use: Use, _ body: () throws -> Result
    ) throws -> Result {
        var (hasReleased, hasCheckpointed) = (false, false)
        defer { if use == .removal || use == .signIn && hasReleased { extend() } }
        while true {
            do {
                return try body()
            } catch  where Self.isFull(error) {
                let isReleased = releaseStep(for: use)
                hasReleased = hasReleased || isReleased
                // Before all space is used up: the checkpoint may need some of it to free more.
                if use == .removal, !hasCheckpointed, length <= size / 2, let checkpoint {
                    hasCheckpointed = (try? checkpoint()) != nil
                    if hasCheckpointed { continue }
                }
                guard isReleased else { throw error }
            }
        }
    }

    /// Extends the file to its configured length. If the disk would then have less free than its reserve,
    /// takes what is free, because removals come before everything else. True if the file grew.
    @discardableResult
    public func refill(free: Int64) throws -> Bool {
        let before = length
        let missing = size - before
        guard missing > 0 else { return false }
        guard free - missing > reserve else {
            extend(leavingSome: true)
            return length > before
        }
        let file = try FileDescriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
        let code = posix_fallocate(file.number, 0, off_t(size))
        guard code == 0 else { throw SystemError("posix_fallocate", path, code: code) }
        return true
    }

    /// Extends the file by what is free, at most to its configured length, regardless of the disk's reserve.
    ///
    /// - Parameter leavingSome: leaves one step's bytes free, for what is not a removal.
    private func extend(leavingSome: Bool = false) {
        guard length < size, let file = lockedFile(O_CREAT) else { return }
        let length = self.length
        let free = ((try? Files.freeBytes(in: folder)) ?? 0) - (leavingSome ? Self.step : 0)
        var more = min(size - length, free / Self.block * Self.block)
        while more >= Self.block {
            if posix_fallocate(file.number, off_t(length), off_t(more)) == 0 { return }
            // The filesystem needs some of the space for its metadata.
            ftruncate(file.number, off_t(length))
            more = more / 2 / Self.block * Self.block
        }
    }

    private var length: Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Nil if it cannot be opened or locked. Without the lock, two processes that change the file at once
    /// would both count the same bytes.
    private func lockedFile(_ flags: Int32 = 0) -> FileDescriptor? {
        guard let file = try? FileDescriptor(opening: path, O_RDWR | flags, mode: 0o600) else {
            return nil
        }
        guard flock(file.number, LOCK_EX) == 0 else { return nil }
        return file
    }

    private func releaseStep(for use: Use) -> Bool {
        guard let file = lockedFile() else { return false }
        let least = use == .removal ? 0 : size / 2
        let length = self.length
        guard length > least else { return false }
        return ftruncate(file.number, off_t(max(least, length - Self.step))) == 0
    }

    /// Whether the error means that the disk is full.
    public static func isFull(_ error: any Error) -> Bool {
        switch error {
        case MediaError.noSpace, CatalogError.noSpace: true
        // At a commit, the WAL's shared memory could not grow. After a failed sync, the program must stop.
        case CatalogError.unknownOutcome: !FailedSync.hasHappened
        case let error as SystemError: error.isFullDisk
        default: false
        }
    }
}
