import Model

extension Frames {
    /// - Parameter effort: 1 (fast) to 10 (exact).
    func gif(effort: Int) throws(CodecError) -> [UInt8] {
        let isAnimated = pictures.count > 1
        let delays = pictures[0].integers("delay")
        let plays = isAnimated ? pictures[0].integer("loop") ?? 0 : nil
        var encoder = GIFEncoder(pixels, plays: plays, effort: effort)
        var frame = try pictures[0].opaquePixels()
        var shown: [UInt32] = []
        for index in pictures.indices {
            let next = pictures.dropFirst(index + 1).first
            let nextFrame = try next.map { picture throws(CodecError) in
                try picture.opaquePixels()
            }
            let vanishingIn = next?.hasAlpha == true ? nextFrame : nil
            let change =
                index == 0
                ? GIFChange(first: frame, before: vanishingIn, of: pixels)
                : GIFChange(to: frame, from: shown, before: vanishingIn, of: pixels)
            let delay = index < delays.count ? delays[index] : 0
            encoder.append(change, delay: Self.hundredths(delay))
            shown = change.shown(after: frame, of: pixels)
            frame = nextFrame ?? []
        }
        return encoder.finished()
    }

    /// Of a second. Browsers show a frame for 100 ms if its delay is up to 10 ms.
    private static func hundredths(_ milliseconds: Int) -> Int {
        milliseconds <= 10 ? 10 : min(max(2, (milliseconds + 5) / 10), 0xFFFF)
    }
}

extension Picture {
    /// RGBA with red in the lowest byte, and 0 for pixels whose alpha is less than 128.
    fileprivate func opaquePixels() throws(CodecError) -> [UInt32] {
        let (bytes, bands, count) = (bytes, bands, pixels.area)
        guard isEightBit, 1...4 ~= bands, bytes.count == count * bands else {
            throw CodecError(message: "no 8-bit pixels to encode as GIF")
        }
        var opaque = [UInt32](repeating: 0, count: count)
        let (green, blue, alpha) = bands < 3 ? (0, 0, 1) : (1, 2, 3)
        let hasAlpha = bands == 2 || bands == 4
        for position in 0..<count {
            let start = position &* bands
            guard !hasAlpha || bytes[start &+ alpha] >= 128 else { continue }
            opaque[position] =
                0xFF00_0000 | UInt32(bytes[start]) | UInt32(bytes[start &+ green]) &<< 8
                | UInt32(bytes[start &+ blue]) &<< 16
        }
        return opaque
    }
}
