/// Animations whose frames have a duration each, which the `vips` command cannot set.
public enum Animation {
    /// Three frames of one photograph, `width` x `height` each.
    ///
    /// - Parameters:
    ///   - format: `gif` or `webp`.
    ///   - delays: milliseconds, in tens and up to 2550; one per frame.
    ///   - loops: 2 to 255.
    public static func make(
        _ format: String, width: Int, height: Int, delays: [Int], loops: Int,
        in folder: TemporaryFolder
    ) throws -> String {
        let strip = try Photos.pixels(width: width, height: height * delays.count, in: folder)
        let path = folder.file("animation.\(format)")
        try Photos.vips(["\(format)save", strip, path, "--page-height", "\(height)"])
        var bytes = try Photos.bytes(of: path)
        if format == "gif" {
            time(gif: &bytes, delays, loops)
        } else {
            time(webp: &bytes, delays, loops)
        }
        return try Photos.write(bytes, to: path)
    }

    /// GIF89a: a graphic control extension before each frame has its delay in hundredths of a second.
    /// Netscape's application extension has the number of repetitions, one less than the number of loops.
    private static func time(gif bytes: inout [UInt8], _ delays: [Int], _ loops: Int) {
        for (start, delay) in zip(offsets(of: [0x21, 0xF9, 0x04], in: bytes), delays) {
            bytes[start + 4] = UInt8(delay / 10)
        }
        for start in offsets(of: Array("NETSCAPE2.0".utf8), in: bytes) {
            bytes[start + 13] = UInt8(loops - 1)
        }
    }

    /// RFC 9649, section 2.7.1: ANIM's loop count, ANMF's duration in milliseconds.
    private static func time(webp bytes: inout [UInt8], _ delays: [Int], _ loops: Int) {
        for (start, delay) in zip(offsets(of: Array("ANMF".utf8), in: bytes), delays) {
            bytes[start + 20] = UInt8(delay & 0xFF)
            bytes[start + 21] = UInt8(delay >> 8)
        }
        for start in offsets(of: Array("ANIM".utf8), in: bytes) { bytes[start + 12] = UInt8(loops) }
    }

    private static func offsets(of pattern: [UInt8], in bytes: [UInt8]) -> [Int] {
        bytes.indices.dropLast(8).filter { start in
            bytes[start] == pattern[0] && bytes[start...].starts(with: pattern)
                // A graphic control extension ends with a 0, which rules out pixels that look like one.
                && (pattern[0] != 0x21 || bytes[start + 7] == 0)
        }
    }
}
