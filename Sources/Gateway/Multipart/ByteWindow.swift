import Glibc

/// The part of a body that is in memory: bytes are taken from its front and filled in at its end.
struct ByteWindow: ~Copyable {
    private let body: RequestBody
    private let memory: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end: Int

    /// - Parameters:
    ///   - first: bytes to find before the body's own.
    ///   - capacity: in bytes; what the caller leaves in the window must stay below it.
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

    /// False when the body has ended.
    mutating func fill() throws -> Bool {
        memory.copyMemory(from: content)
        (start, end) = (0, end - start)
        precondition(end < memory.count, "the caller left the window full")
        let got = try body.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
        end += got
        return got > 0
    }

    /// The offset of `needle`'s first occurrence that begins at `offset` or later.
    ///
    /// Linear in the window, whatever it holds: the needles used here have their first byte, CR, once
    /// or are four bytes long, so no byte is compared more than a few times.
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
