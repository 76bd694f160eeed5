import Glibc

/// An advisory lock (flock(2)) on a separate file. Two `FileLock`s of one path exclude each other even within
/// a process, because each opens the file itself. The kernel releases the lock when its holder exits.
public struct FileLock: ~Copyable, Sendable {
    private let file: FileDescriptor

    public init(path: String) throws {
        file = try FileDescriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
    }

    public enum Mode: Sendable {
        case shared, exclusive

        var operation: Int32 { self == .shared ? LOCK_SH : LOCK_EX }
    }

    /// Waits without a time limit.
    public func lock(_ mode: Mode) throws {
        while flock(file.number, mode.operation) != 0 {
            guard errno == EINTR else { throw SystemError("flock", "") }
        }
    }

    /// False if another one holds it.
    public func tryLock(_ mode: Mode) throws -> Bool {
        while flock(file.number, mode.operation | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw SystemError("flock", "") }
        }
        return true
    }

    /// Whether the lock at `path` is held; false if the file does not exist.
    public static func isHeld(_ path: String) -> Bool {
        guard access(path, F_OK) == 0, let lock = try? FileLock(path: path) else { return false }
        return (try? lock.tryLock(.exclusive)) == false
    }

    public func unlock() {
        flock(file.number, LOCK_UN)
    }
}
