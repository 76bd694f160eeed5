import Catalog
import Credentials
import Glibc
import Processes

/// An upload while it is received, in `incoming/`. Unless it is stored, it goes with its owner.
public struct IncomingFile: ~Copyable {
    /// How much has come.
    public private(set) var bytes: Int64 = 0
    private var head: [UInt8] = []
    private var digest = SHA256()
    private let paths: MediaPath
    private let file: FileDescriptor
    /// Where it lies now.
    private var path: String
    private var isStored = false

    init(in paths: MediaPath) throws {
        let path = "\(paths.folders.incoming)/\(SecureRandom.text(bytes: 16))"
        file = try storing { try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL) }
        self.paths = paths
        self.path = path
    }

    deinit {
        if !isStored { unlink(path) }
    }

    /// What the first bytes say; nil for what is not accepted, and until enough have come.
    public var format: ImageFormat? { ImageFormat(sniffing: head) }

    /// Throws `MediaError.noSpace`.
    public mutating func append(_ more: UnsafeRawBufferPointer) throws {
        try storing { try file.write(more) }
        digest.update(more)
        head += more.prefix(ImageFormat.sniffedBytes - head.count)
        bytes += Int64(more.count)
    }

    /// Throws `MediaError.noSpace`.
    public mutating func append(_ more: [UInt8]) throws {
        try more.withUnsafeBytes { try append($0) }
    }

    /// Makes it an image's original. When this returns, it survives a power cut; when it throws,
    /// nothing is left of it. Throws `MediaError.noSpace`.
    ///
    /// - Returns: the SHA-256 of its bytes.
    public consuming func store(
        as id: Identifier<Image>, _ format: ImageFormat
    ) throws -> [UInt8] {
        let original = paths.original(id, format)
        try storing {
            try file.sync()
            try Files.rename(path, to: original)
            path = original
            try Files.syncFolder(of: original)
        }
        isStored = true
        return digest.finish()
    }
}
