/// Puts a String together in one piece of memory. A list has a hundred links, and by interpolation they
/// took a quarter of its time.
struct TextBuffer {
    private let memory: UnsafeMutableBufferPointer<UInt8>
    private var count = 0

    /// Of the most that `write` adds, in bytes of UTF-8.
    static func text(capacity: Int, _ write: (inout TextBuffer) -> Void) -> String {
        String(unsafeUninitializedCapacity: capacity) { memory in
            var buffer = TextBuffer(memory)
            write(&buffer)
            return buffer.count
        }
    }

    /// Likewise, for as long as `use` runs.
    static func withBytes<Result>(
        capacity: Int, _ write: (inout TextBuffer) -> Void,
        use: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { memory in
            var buffer = TextBuffer(memory)
            write(&buffer)
            return use(
                UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<buffer.count]))
        }
    }

    private init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
        self.memory = memory
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            precondition(bytes.count <= memory.count - count)
            guard let source = bytes.baseAddress, let target = memory.baseAddress else { return }
            (target + count).update(from: source, count: bytes.count)
            count += bytes.count
        }
    }
}
