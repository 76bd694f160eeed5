import Foundation

/// Checks that allocated memory does not show what was in it before it was freed.
enum FilledBlocks {
    private static let old: [UInt8] = [0xA7, 0x31, 0x5D, 0xE9]

    /// The functions and sizes in bytes that show freed content.
    static func failures() -> [String] {
        var failures: [String] = []
        for size in [24, 200, 1000, 5000, 70_000, 140_000, 900_000] {
            for (name, allocate) in ways {
                // Adjacent blocks, so that some can grow in place.
                let blocks = (0..<8).compactMap { _ in malloc(size) }
                for block in blocks { write(block, size) }
                for block in blocks.reversed() { free(block) }
                let made = (0..<8).compactMap { _ in allocate(size) }
                if made.count != 8 || made.contains(where: { isOld($0, size) }) {
                    failures.append("\(name) of \(size)")
                }
                for block in made { free(block) }
            }
        }
        return failures
    }

    private static let ways: [(String, @Sendable (Int) -> UnsafeMutableRawPointer?)] = [
        ("malloc", { malloc($0) }),
        ("calloc", { calloc(1, $0) }),
        ("aligned_alloc", { aligned_alloc(64, $0 / 64 * 64 + 64) }),
        (
            "posix_memalign",
            { size in
                var block: UnsafeMutableRawPointer?
                return posix_memalign(&block, 64, size) == 0 ? block : nil
            }
        ),
        ("realloc", { realloc(malloc(8), $0) }),
    ]

    private static func write(_ block: UnsafeMutableRawPointer, _ count: Int) {
        for index in 0..<count {
            block.storeBytes(of: old[index % 4], toByteOffset: index, as: UInt8.self)
        }
    }

    private static func isOld(_ block: UnsafeMutableRawPointer, _ count: Int) -> Bool {
        var run = 0
        for index in 0..<count {
            let isSame = block.load(fromByteOffset: index, as: UInt8.self) == old[index % 4]
            run = isSame ? run + 1 : 0
            // When a block is freed, glibc does not fill up to eight bytes at its end (three pixels). They
            // show when another block grows over them.
            if run > 8 { return true }
        }
        return false
    }
}
