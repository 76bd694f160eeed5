import Credentials
import Cryptography

/// Builds a text in one block of memory. A list has a hundred links, and building them by interpolation took
/// a quarter of its time.
struct TextBuffer {
    private let memory: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    /// The text that `write` adds.
    ///
    /// - Parameter capacity: the maximum number of bytes (UTF-8) that `write` adds.
    static func text(capacity: Int, _ write: (inout TextBuffer) -> Void) -> String {
        String(unsafeUninitializedCapacity: capacity) { memory in
            var buffer = TextBuffer(memory)
            write(&buffer)
            return buffer.count
        }
    }

    /// Passes the text that `write` adds to `use` as bytes, which are valid only during that call.
    ///
    /// - Parameter capacity: as for `text`.
    static func withBytes<Result>(
        capacity: Int, _ write: (inout TextBuffer) -> Void,
        use: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { memory in
            var buffer = TextBuffer(memory)
            write(&buffer)
            return use(buffer.bytes())
        }
    }

    private init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
        self.memory = memory
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add($0) }
    }

    mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
        precondition(text.count <= memory.count - count)
        guard let source = text.baseAddress, let target = memory.baseAddress else { return }
        (target + count).update(from: source, count: text.count)
        count += text.count
    }

    mutating func add(base64URL bytes: UnsafeRawBufferPointer) {
        precondition(Base64URL.length(of: bytes.count) <= memory.count - count)
        count += Base64URL.encode(
            bytes, into: UnsafeMutableBufferPointer(rebasing: memory[count...]))
    }

    /// What was added after the first `start` bytes. Valid until more is added.
    func bytes(from start: Int = 0) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: memory[start..<count])
    }
}
