import Glibc

/// A failed system call: its name, its subject (such as a path), and errno.
public struct SystemError: Error, CustomStringConvertible {
    public let call: String
    public let subject: String
    public let code: Int32

    public init(_ call: String, _ subject: String, code: Int32 = errno) {
        self.call = call
        self.subject = subject
        self.code = code
    }

    /// Whether the disk, or a quota on it, is full.
    public var isFullDisk: Bool { code == ENOSPC || code == EDQUOT }

    /// The text of strerror(3).
    public var reason: String { String(cString: strerror(code)) }

    public var description: String { "\(call) \(subject): \(reason)" }
}
