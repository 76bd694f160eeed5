import CLinux
import Glibc
import Text

/// The owner of an open descriptor, which is closed when the owner is destroyed.
public struct FileDescriptor: ~Copyable, Sendable {
    public let number: Int32

    /// Takes over an open descriptor.
    public init(owning number: Int32) {
        self.number = number
    }

    /// Close-on-exec is always set: a child gets only what `ChildProcess` gives it.
    public init(opening path: String, _ flags: Int32, mode: mode_t = 0o640) throws {
        number = multires_open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw SystemError("open", path) }
    }

    /// Opens a path that is given as bytes, because file names need not be UTF-8.
    public init(opening path: [UInt8], _ flags: Int32) throws {
        number = (path + [0]).withUnsafeBytes {
            multires_open($0.bindMemory(to: CChar.self).baseAddress, flags | O_CLOEXEC, 0)
        }
        guard number >= 0 else { throw SystemError("open", String(utf8OrLatin1: path)) }
    }

    deinit {
        close(number)
    }

    /// Another descriptor of the same open file, with its own owner.
    public func duplicate() throws -> FileDescriptor {
        let copy = multires_duplicate(number)
        guard copy >= 0 else { throw SystemError("dup", "descriptor \(number)") }
        return FileDescriptor(owning: copy)
    }

    /// Reads up to `limit` bytes; empty at the end of the file.
    public func read(upTo limit: Int = 65536) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = try read(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// Returns the number of bytes read; 0 at the end of the file.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let got = Glibc.read(number, buffer.baseAddress, buffer.count)
            if got >= 0 { return got }
            guard errno == EINTR else { throw SystemError("read", "descriptor \(number)") }
        }
    }

    /// Reads up to `limit` bytes from `position` in a file; empty at its end.
    public func read(upTo limit: Int, at position: Int64) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            while true {
                let got = pread(number, buffer.baseAddress, limit, off_t(position))
                if got >= 0 {
                    count = got
                    return
                }
                guard errno == EINTR else { throw SystemError("pread", "descriptor \(number)") }
            }
        }
    }

    public func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while let start = rest.baseAddress, rest.count > 0 {
            let put = Glibc.write(number, start, rest.count)
            if put < 0 {
                guard errno == EINTR else { throw SystemError("write", "descriptor \(number)") }
                continue
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(put))
        }
    }

    /// Returns once everything written to it, or a folder's names, survives a power cut.
    public func sync() throws {
        while fsync(number) != 0 {
            if errno == EINTR { continue }
            let error = SystemError("fsync", "descriptor \(number)")
            if error.code == EIO { FailedSync.remember() }
            throw error
        }
    }

    /// Waits until data can be read or the other side has closed; false if `timeout` expires first.
    public func isReadable(within timeout: Duration) throws -> Bool {
        try isReady(for: POLLIN, within: timeout)
    }

    /// Waits until data can be written or the other side has closed; false if `timeout` expires first.
    public func isWritable(within timeout: Duration) throws -> Bool {
        try isReady(for: POLLOUT, within: timeout)
    }

    /// Waits until data can be read from one of these, or its other side has closed; false if `timeout`
    /// expires first.
    @discardableResult
    public static func wait(for numbers: [Int32?], atMost timeout: Duration) throws -> Bool {
        try isReady(numbers.compactMap { $0 }, for: POLLIN, within: timeout)
    }

    private func isReady(for event: Int32, within timeout: Duration) throws -> Bool {
        try Self.isReady([number], for: event, within: timeout)
    }

    private static func isReady(
        _ numbers: [Int32], for event: Int32, within timeout: Duration
    ) throws -> Bool {
        var entries = numbers.map { pollfd(fd: $0, events: Int16(event), revents: 0) }
        let ready = poll(&entries, nfds_t(entries.count), Int32(clamping: timeout.pollMilliseconds))
        guard ready >= 0 || errno == EINTR else { throw SystemError("poll", "\(numbers)") }
        return ready > 0
    }
}

/// A pipe: what is written to `writing` can be read from `reading`.
public struct PipeEnds: ~Copyable, Sendable {
    public let reading: FileDescriptor
    public let writing: FileDescriptor

    public init() throws {
        var ends: [Int32] = [0, 0]
        guard multires_pipe(&ends) == 0 else { throw SystemError("pipe2", "") }
        reading = FileDescriptor(owning: ends[0])
        writing = FileDescriptor(owning: ends[1])
    }
}

extension Duration {
    /// Milliseconds for poll(2), rounded up so that a wait never ends too early.
    var pollMilliseconds: Int64 {
        let parts = components
        let started = (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return max(0, parts.seconds * 1000 + started)
    }
}
