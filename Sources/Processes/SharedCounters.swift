import CLinux
import Glibc

/// Rows of 64-bit counters, each row with a name, in a file that any number of processes map at once. Adding
/// is one atomic instruction. What a process added stays when it exits, also after a crash. Do not use it
/// for what must survive a power cut.
///
/// The file has a header row, then rows in the order in which they were first requested. Rows are never
/// removed. A row has a name of 128 bytes, padded with zeros, and 16 numbers. The header's name is the
/// version, its first number is the number of rows.
public final class SharedCounters: Sendable {
    /// Numbers in a row.
    public static let width = 16
    /// In bytes of UTF-8.
    public static let longestName = 127

    private static let nameBytes = 128
    private static let rowBytes = nameBytes + width * MemoryLayout<Int64>.size
    private static let version = "multires counters 1"

    /// `nonisolated(unsafe)` because the memory stays mapped while this object exists, and numbers are read
    /// and written only with atomic instructions. A row's name is written under `lock` before the row is
    /// counted.
    nonisolated(unsafe) private let memory: UnsafeMutableRawPointer
    private let rows: Int
    private let lock: FileLock

    /// Opens or creates the file at `path`; a file of another version or size is replaced. All of its disk
    /// space is allocated at once: without it, writing to the memory would kill the process. Throws
    /// `SystemError`.
    public init(path: String, rows: Int) throws {
        self.rows = rows
        lock = try FileLock(path: path + ".lock")
        memory = try Self.map(path, size: (rows + 1) * Self.rowBytes, under: lock)
    }

    deinit {
        munmap(memory, (rows + 1) * Self.rowBytes)
    }

    /// The number of the row with that name. Adds a row of zeros if there is none. Nil if there is no space
    /// for a new row, or the name is too long. It searches all rows, so keep the result.
    public func row(named name: String) throws -> Int? {
        guard name.utf8.count <= Self.longestName else { return nil }
        if let known = find(name) { return known }
        try lock.lock(.exclusive)
        defer { lock.unlock() }
        if let known = find(name) { return known }
        let row = count
        guard row < rows else { return nil }
        let start = self.start(ofRow: row)
        start.initializeMemory(as: UInt8.self, repeating: 0, count: Self.rowBytes)
        UnsafeMutableRawBufferPointer(start: start, count: Self.nameBytes).copyBytes(
            from: name.utf8)
        multires_atomic_store(number(0, ofRow: -1), Int64(row + 1))
        return row
    }

    public func add(_ amount: Int64, to column: Int, ofRow row: Int) {
        multires_atomic_add(number(column, ofRow: row), amount)
    }

    /// All rows as they are now. The numbers of a row are not read at exactly the same time.
    public var contents: [(name: String, numbers: [Int64])] {
        (0..<count).map { row in
            (
                name(ofRow: row),
                (0..<Self.width).map { multires_atomic_load(number($0, ofRow: row)) }
            )
        }
    }

    private var count: Int { min(rows, Int(multires_atomic_load(number(0, ofRow: -1)))) }

    private func find(_ name: String) -> Int? {
        let wanted = Array(name.utf8) + [0]
        return (0..<count).first { memcmp(start(ofRow: $0), wanted, wanted.count) == 0 }
    }

    private func name(ofRow row: Int) -> String {
        let bytes = UnsafeRawBufferPointer(start: start(ofRow: row), count: Self.nameBytes)
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Row -1 is the header.
    private func start(ofRow row: Int) -> UnsafeMutableRawPointer {
        memory + (row + 1) * Self.rowBytes
    }

    private func number(_ column: Int, ofRow row: Int) -> UnsafeMutablePointer<Int64> {
        precondition((0..<Self.width).contains(column) && row < rows)
        return (start(ofRow: row) + Self.nameBytes).assumingMemoryBound(to: Int64.self) + column
    }

    private static func map(
        _ path: String, size: Int, under lock: borrowing FileLock
    ) throws -> UnsafeMutableRawPointer {
        try lock.lock(.exclusive)
        defer { lock.unlock() }
        let file = try current(path, size: size) ?? create(path, size: size)
        let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0)
        guard let address, address != MAP_FAILED else { throw SystemError("mmap", path) }
        return address
    }

    /// Nil if there is no usable file.
    private static func current(_ path: String, size: Int) throws -> FileDescriptor? {
        guard access(path, F_OK) == 0 else { return nil }
        let file = try FileDescriptor(opening: path, O_RDWR)
        var facts = stat()
        guard fstat(file.number, &facts) == 0, facts.st_size == size,
            try file.read(upTo: version.utf8.count) == Array(version.utf8)
        else { return nil }
        return file
    }

    private static func create(_ path: String, size: Int) throws -> FileDescriptor {
        unlink(path + ".new")
        let file = try FileDescriptor(opening: path + ".new", O_RDWR | O_CREAT | O_EXCL)
        let code = posix_fallocate(file.number, 0, off_t(size))
        guard code == 0 else { throw SystemError("posix_fallocate", path, code: code) }
        try file.write(Array(version.utf8))
        try Files.move(path + ".new", to: path)
        return file
    }
}
