import Glibc

/// A system call that failed: its name, what it was about, and errno's words.
public struct SystemError: Error, CustomStringConvertible {
    public let call: String
    public let subject: String
    public let code: Int32

    public init(_ call: String, _ subject: String, code: Int32 = errno) {
        self.call = call
        self.subject = subject
        self.code = code
    }

    /// The disk, or a quota on it.
    public var isFullDisk: Bool { code == ENOSPC || code == EDQUOT }

    /// The words of strerror(3).
    public var reason: String { String(cString: strerror(code)) }

    public var description: String { "\(call) \(subject): \(reason)" }
}
