import Glibc

/// The part of a body that is in memory: bytes are taken from its start and added at its end.
struct ByteWindow: ~Copyable {
    private let body: RequestBody
    private let memory: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end: Int

    /// - Parameters:
    ///   - first: bytes that come before those of the body.
    ///   - capacity: in bytes. The caller must take bytes before the window is full.
    init(_ body: RequestBody, after first: [UInt8], capacity: Int) {
        self.body = body
        memory = .allocate(byteCount: capacity, alignment: 1)
        memory.copyBytes(from: first)
        end = first.count
    }

    deinit {
        memory.deallocate()
    }

    private var content: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory[start..<end])
    }

    var count: Int { end - start }

    /// Reads more bytes of the body; false when it has ended.
    mutating func fill() throws -> Bool {
        memory.copyMemory(from: content)
        (start, end) = (0, end - start)
        precondition(end < memory.count, "the caller left the window full")
        let got = try body.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
        end += got
        return got > 0
    }

    /// Offset of the first occurrence of `needle` that begins at `offset` or later.
    ///
    /// Takes linear time for any content: the needles used here contain their first byte, CR, only once, or
    /// have four bytes, so no byte is compared more than a few times.
    func firstOffset(of needle: [UInt8], from offset: Int = 0) -> Int? {
        let content = content
        guard let base = content.baseAddress else { return nil }
        var at = offset
        while content.count - at >= needle.count {
            let starts = content.count - at - needle.count + 1
            guard let found = memchr(base + at, Int32(needle[0]), starts) else { return nil }
            at = UnsafeRawPointer(found) - base
            if memcmp(found, needle, needle.count) == 0 { return at }
            at += 1
        }
        return nil
    }

    func starts(with prefix: [UInt8]) -> Bool {
        content.starts(with: prefix)
    }

    mutating func take(_ count: Int) -> [UInt8] {
        defer { drop(count) }
        return Array(content.prefix(count))
    }

    mutating func drop(_ count: Int) {
        precondition(count <= end - start)
        start += count
    }
}
