import Cryptography
import Glibc
import Model
import Processes
import Settings

/// An upload while it is received, in `incoming/`. Unless it is stored, it is removed with its owner.
///
/// If a web server has already written the upload to a file, it is not written again: the file gets a second
/// name here, and the appended bytes are only counted and hashed.
public struct IncomingFile: ~Copyable {
    /// Bytes received so far.
    public private(set) var bytes: Int64 = 0
    private var head: [UInt8] = []
    private var digest = SHA256()
    private let file: FileDescriptor
    /// Whether the file already has the bytes that are appended.
    private let isWritten: Bool
    /// Where the file is now.
    private var path: String
    private var isStored = false

    /// - Parameter written: the path of a file with exactly the bytes that will be appended. The path may be
    ///   removed at any time. If it is nil, or the file cannot get a second name here, the bytes are written
    ///   to a new file.
    package init(in folders: DataFolders, written: String? = nil) throws {
        let name = Self.prefix(of: getpid()) + SecureRandom.text(bytes: 16)
        let path = "\(folders.incoming)/\(name)"
        isWritten = written.map { link($0, path) == 0 } ?? false
        let flags = isWritten ? O_RDONLY | O_NOFOLLOW : O_WRONLY | O_CREAT | O_EXCL
        do {
            file = try storing { try FileDescriptor(opening: path, flags) }
        } catch {
            if isWritten { unlink(path) }
            throw error
        }
        self.path = path
    }

    deinit {
        if !isStored { unlink(path) }
    }

    /// Removes what a process that has exited received and did not store.
    static func removeAll(of process: pid_t, in folders: DataFolders) throws {
        for name in try Files.names(in: folders.incoming) where name.hasPrefix(prefix(of: process))
        {
            try Files.unlink("\(folders.incoming)/\(name)")
        }
    }

    private static func prefix(of process: pid_t) -> String { "upload-\(process)-" }

    /// The format by the first bytes; nil if it is not accepted, and until enough bytes have arrived.
    public var format: ImageFormat? { ImageFormat(sniffing: head) }

    /// Throws `MediaError.noSpace`.
    public mutating func append(_ more: UnsafeRawBufferPointer) throws {
        if !isWritten { try storing { try file.write(more) } }
        digest.update(more)
        head += more.prefix(ImageFormat.sniffedBytes - head.count)
        bytes += Int64(more.count)
    }

    /// Throws `MediaError.noSpace`.
    public mutating func append(_ more: [UInt8]) throws {
        try more.withUnsafeBytes { try append($0) }
    }

    /// Moves the file to `original`, on the same filesystem. When this returns, the file survives a power
    /// cut; when it throws, the file is removed. Throws `MediaError.noSpace`.
    ///
    /// - Returns: the SHA-256 of its bytes.
    package consuming func store(at original: String) throws -> [UInt8] {
        try storing {
            if isWritten { try file.becomeOriginal(of: bytes) }
            // The age of an original that has no row is counted from now.
            futimens(file.number, nil)
            try file.sync()
            try Files.move(path, to: original)
            path = original
            try Files.syncFolder(of: original)
        }
        isStored = true
        return digest.finish()
    }
}

extension FileDescriptor {
    /// Gives a file that another program wrote the mode of our own files. Throws if it is not a regular file
    /// of `bytes` bytes, which is what was appended.
    fileprivate func becomeOriginal(of bytes: Int64) throws {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw SystemError("fstat", "an upload") }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size == bytes else {
            throw SystemError("fstat", "an upload", code: EIO)
        }
        guard fchmod(number, 0o640) == 0 else { throw SystemError("fchmod", "an upload") }
    }
}
