/// WebP's container (RFC 9649). libwebp refuses a file whose last chunk is cut off, even if it has no pixels.
enum WebPFile {
    /// The file without a chunk after its pixels that is cut off. Throws if a chunk with pixels is cut off.
    static func repaired(_ file: [UInt8]) throws(Damage) -> [UInt8] {
        var reader = ByteReader(file, at: 12)
        var repaired = Array(file.prefix(12))
        var hasPixels = false
        while reader.rest > 0 {
            let start = reader.position
            guard let name = reader.skip(4) else { break }
            let kind = String(decoding: file[name], as: UTF8.self)
            let holdsPixels = ["VP8 ", "VP8L", "ALPH", "ANMF"].contains(kind)
            guard let length = reader.littleEndian(4), let data = reader.skip(length) else {
                guard !holdsPixels else { throw Damage(message: "\(kind) ends early") }
                break
            }
            hasPixels = hasPixels || holdsPixels
            repaired += file[start..<data.upperBound]
            // Chunks begin at even offsets.
            if length % 2 == 1 { repaired.append(reader.byte() ?? 0) }
        }
        guard hasPixels, file.count >= 12 else { throw Damage(message: "no pixels") }
        let size = UInt32(repaired.count - 8)
        for index in 0..<4 { repaired[4 + index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
        return repaired
    }
}
