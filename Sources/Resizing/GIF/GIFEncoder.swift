import Model

/// Writes a GIF (GIF89a).
struct GIFEncoder {
    private let size: PixelSize
    /// How often an animation is shown; 0: for ever. Nil for a still image.
    private let plays: Int?
    private let quantizer: ColourQuantizer
    private var file: [UInt8] = []
    /// The palette of the first frame, which others can use.
    private var global: (reduction: ColourReduction, search: NearestColour)?
    /// Whether the pixels of all frames have exactly their colours.
    private var isExactSoFar = true
    private var histogram = ColourHistogram()
    private var lzw = LZWEncoder()

    /// More pixels are worth a palette of their own, which has up to 768 bytes.
    private static let fewPixels: Float = 8 * 768

    /// - Parameter effort: 1 (fast) to 10 (exact).
    init(_ size: PixelSize, plays: Int?, effort: Int) {
        (self.size, self.plays) = (size, plays)
        quantizer = ColourQuantizer(steps: effort - 1)
    }

    /// - Parameter delay: in hundredths of a second.
    mutating func append(_ change: GIFChange, delay: Int) {
        let (first, isExact) = frame(change, change.changes, delay)
        var best = first
        // Few colours can take fewer bytes if pixels that do not change are drawn again, which must not change
        // the colours that replace them.
        if isExact, isExactSoFar, change.changes.contains(0), !change.frame.contains(0) {
            let (other, isExact) = frame(change, change.frame, delay)
            if isExact, other.count < best.count { best = other }
        }
        isExactSoFar = isExactSoFar && isExact
        file += best
    }

    /// The complete file.
    consuming func finished() -> [UInt8] {
        file.append(0x3B)
        return file
    }

    /// The blocks of a frame.
    ///
    /// - Returns: whether its pixels have exactly their colours, too.
    private mutating func frame(
        _ change: GIFChange, _ pixels: [UInt32], _ delay: Int
    ) -> ([UInt8], isExact: Bool) {
        // Some decoders, such as libnsgif, clear a frame without a transparent index to the background colour.
        let hasTransparent = change.isCleared || pixels.contains(0)
        histogram.count(pixels)
        let (reduction, isGlobal) = reduced(hasTransparent)
        let palette = reduction.palette
        var indexes = [UInt8](repeating: 0, count: pixels.count)
        histogram.map(
            pixels, by: reduction.indexes, transparent: palette.transparent ?? 0, to: &indexes)
        if plays == nil, reduction.error > 0 {
            let dithering = ErrorDiffusion(palette.colours)
            dithering.dither(pixels, width: change.place.size.width, &indexes)
        }
        var blocks: [UInt8] = []
        if plays != nil || hasTransparent {
            // Section 23. Only frames of animations are cleared or kept.
            let disposal: UInt8 = change.isCleared ? 2 : plays == nil ? 0 : 1
            blocks += [0x21, 0xF9, 4, disposal << 2 | (hasTransparent ? 1 : 0)]
            blocks += Self.number(delay) + [hasTransparent ? palette.transparent ?? 0 : 0, 0]
        }
        let place = change.place
        blocks.append(0x2C)
        for number in [place.left, place.top, place.size.width, place.size.height] {
            blocks += Self.number(number)
        }
        blocks += isGlobal ? [0] : [0x80 | UInt8(palette.bits - 1)] + palette.bytes
        lzw.encode(indexes, codeSize: palette.codeSize, to: &blocks)
        return (blocks, reduction.error == 0)
    }

    /// Reduces the colours of the histogram.
    private mutating func reduced(
        _ hasTransparent: Bool
    ) -> (ColourReduction, isGlobal: Bool) {
        let own = ColourReduction(
            of: histogram, hasTransparent: hasTransparent,
            for: plays == nil ? .still : global == nil ? .global : .local, quantizer)
        guard let (first, search) = global else {
            global = (own, NearestColour(own.palette.colours))
            writeHeader(own.palette)
            return (own, true)
        }
        // The first palette, if its codes are not longer and it shows the pixels as exactly as its own frame.
        if first.palette.codeSize <= own.palette.codeSize, !first.palette.colours.isEmpty,
            !hasTransparent || first.palette.transparent != nil,
            own.error == 0 || own.pixels <= Self.fewPixels
        {
            let other = ColourReduction(of: histogram, to: first.palette, search)
            if other.error <= (own.error == 0 ? 0 : first.error) { return (other, true) }
        }
        return (own, false)
    }

    private mutating func writeHeader(_ palette: GIFPalette) {
        file = Array("GIF89a".utf8) + Self.number(size.width) + Self.number(size.height)
        // 0xF0: a global palette, and eight bits per primary colour (section 18).
        file += [0xF0 | UInt8(palette.bits - 1), 0, 0] + palette.bytes
        guard let plays, plays != 1 else { return }
        // Netscape's extension has the number of repetitions.
        file += [0x21, 0xFF, 11] + Array("NETSCAPE2.0".utf8)
        file += [3, 1] + Self.number(min(max(0, plays - 1), 0xFFFF)) + [0]
    }

    private static func number(_ value: Int) -> [UInt8] {
        [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF)]
    }
}
