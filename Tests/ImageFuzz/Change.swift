import Model
import Support

/// Random changes of a file.
enum Change {
    /// With up to eight other bytes, and sometimes without its end. A fifth is unchanged.
    static func apply(
        to bytes: [UInt8], _ format: ImageFormat, _ numbers: inout SeededNumbers
    ) -> [UInt8] {
        guard Int.random(in: 0..<5, using: &numbers) > 0 else { return bytes }
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...8, using: &numbers) {
            // Most of them in the header, where they change more.
            let end = Bool.random(using: &numbers) ? bytes.count : min(bytes.count, 700)
            let position = Int.random(in: 2..<end, using: &numbers)
            bytes[position] =
                Bool.random(using: &numbers)
                ? UInt8.random(in: 0...255, using: &numbers)
                // Values at the limits of numbers, and small changes.
                : [0, 1, 0x7F, 0x80, 0xFF, bytes[position] &+ 1, bytes[position] &- 1][
                    Int.random(in: 0..<7, using: &numbers)]
        }
        // Otherwise no change of a chunk's content would be read.
        if format == .png, Int.random(in: 0..<4, using: &numbers) > 0 {
            PNGChunks.correctChecksums(in: &bytes)
        }
        guard Int.random(in: 0..<5, using: &numbers) == 0 else { return bytes }
        return Array(bytes.prefix(Int.random(in: 2...bytes.count, using: &numbers)))
    }
}
