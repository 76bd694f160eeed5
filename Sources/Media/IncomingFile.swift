import Cryptography
import Glibc
import Model
import Processes
import Settings

/// An upload while it is received, in `incoming/`. Unless it is stored, it goes with its owner.
///
/// What a web server has written to a file already is not written again: the file gets a second name,
/// whose bytes are then only to be looked at.
public struct IncomingFile: ~Copyable {
    /// How much has come.
    public private(set) var bytes: Int64 = 0
    private var head: [UInt8] = []
    private var digest = SHA256()
    private let file: FileDescriptor
    /// Its bytes are there before they are appended.
    private let isWritten: Bool
    /// Where it lies now.
    private var path: String
    private var isStored = false

    /// - Parameter written: the file that holds all that will be appended, and nothing else, by a name
    ///   that may go at any time. Nil, or one that can have no second name here, is no loss: then the
    ///   bytes are copied.
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

    /// Removes what a process that is gone received and did not store.
    static func removeAll(of process: pid_t, in folders: DataFolders) throws {
        for name in try Files.names(in: folders.incoming) where name.hasPrefix(prefix(of: process))
        {
            try Files.unlink("\(folders.incoming)/\(name)")
        }
    }

    private static func prefix(of process: pid_t) -> String { "upload-\(process)-" }

    /// What the first bytes say; nil for what is not accepted, and until enough have come.
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

    /// Moves it to its place on the same filesystem. When this returns, it survives a power cut; when it
    /// throws, nothing is left of it. Throws `MediaError.noSpace`.
    ///
    /// - Returns: the SHA-256 of its bytes.
    package consuming func store(at original: String) throws -> [UInt8] {
        try storing {
            if isWritten { try file.becomeOriginal(of: bytes) }
            // The age of an original that has no row counts from here.
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
    /// Gives a file of somebody else's making the mode of our own. Throws when it holds more, or less,
    /// than was looked at.
    fileprivate func becomeOriginal(of bytes: Int64) throws {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw SystemError("fstat", "an upload") }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size == bytes else {
            throw SystemError("fstat", "an upload", code: EIO)
        }
        guard fchmod(number, 0o640) == 0 else { throw SystemError("fchmod", "an upload") }
    }
}
