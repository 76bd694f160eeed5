/// The colours of one frame or of several.
struct GIFPalette {
    /// Red, green, blue and 0.
    let colours: [SIMD4<Float>]
    /// The index of pixels that show what is below them, after the colours.
    let transparent: UInt8?
    /// The number of bits of an index.
    let bits: Int

    init(_ colours: [SIMD4<Float>], hasTransparent: Bool) {
        self.colours = colours.map { SIMD4($0.x, $0.y, $0.z, 0) }
        transparent = hasTransparent ? UInt8(colours.count) : nil
        let count = colours.count + (hasTransparent ? 1 : 0)
        bits = max(1, Int.bitWidth - max(0, count - 1).leadingZeroBitCount)
    }

    /// Of LZW. Two also for two colours (GIF89a, appendix F).
    var codeSize: Int { max(2, bits) }

    /// Three bytes per colour, for all indexes that have `bits` bits.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for colour in colours { bytes += [UInt8(colour.x), UInt8(colour.y), UInt8(colour.z)] }
        return bytes + [UInt8](repeating: 0, count: 3 << bits - bytes.count)
    }
}
