import Glibc

/// An advisory lock (flock) on a file of its own. Two `FileLock`s of one path exclude one another
/// even within a process, since each opens the file for itself; the kernel lets go when the holder
/// dies.
public struct FileLock: ~Copyable, Sendable {
    private let file: FileDescriptor

    public init(path: String) throws {
        file = try FileDescriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
    }

    public enum Mode: Sendable {
        case shared, exclusive

        var operation: Int32 { self == .shared ? LOCK_SH : LOCK_EX }
    }

    /// Waits as long as it takes.
    public func lock(_ mode: Mode) throws {
        while flock(file.number, mode.operation) != 0 {
            guard errno == EINTR else { throw SystemError("flock", "") }
        }
    }

    /// False when another holds it.
    public func tryLock(_ mode: Mode) throws -> Bool {
        while flock(file.number, mode.operation | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw SystemError("flock", "") }
        }
        return true
    }

    /// Whether somebody holds the lock at `path`; false when there is none.
    public static func isHeld(_ path: String) -> Bool {
        guard access(path, F_OK) == 0, let lock = try? FileLock(path: path) else { return false }
        return (try? lock.tryLock(.exclusive)) == false
    }

    public func unlock() {
        flock(file.number, LOCK_UN)
    }
}
