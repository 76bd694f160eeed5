import Model

extension GIFFile {
    /// The same frames as a new file, without comments, text, and everything else that is not shown. The codes
    /// of the pixels are unchanged, and end after the last pixel. Browsers show it like the original.
    ///
    /// - Parameter ends: where the codes of each frame end, from `GIFCanvas.ends` after the last frame.
    func withoutMetadata(_ ends: [LZWDecoder.End]) -> [UInt8] {
        var file = Array("GIF89a".utf8) + Self.number(min(canvas.width, 0xFFFF))
        file += Self.number(min(canvas.height, 0xFFFF))
        file.reserveCapacity(bytes.count)
        // 0x70: eight bits per primary colour (GIF89a, section 18).
        file += [0x70 | Self.flags(globalPalette), 0, 0]
        file += bytes[globalPalette ?? 0..<0]
        if plays != 1 {
            file += [0x21, 0xFF, 11] + Array("NETSCAPE2.0".utf8)
            file += [3, 1] + Self.number(max(0, plays - 1)) + [0]
        }
        for (frame, end) in zip(frames, ends) { append(frame, end, to: &file) }
        return file + [0x3B]
    }

    private func append(_ frame: Frame, _ end: LZWDecoder.End, to file: inout [UInt8]) {
        if frame.isControlled {
            let flags = frame.disposal.rawValue << 2 | (frame.transparent == nil ? 0 : 1)
            file += [0x21, 0xF9, 4, flags] + Self.number(frame.delay)
            file += [frame.transparent ?? 0, 0]
        }
        file.append(0x2C)
        for number in [
            frame.place.left, frame.place.top, frame.place.size.width, frame.place.size.height,
        ] {
            file += Self.number(number)
        }
        var colours: Range<Int>?
        if case .local(let local) = frame.palette { colours = local }
        file.append(Self.flags(colours) | (frame.isInterlaced ? 0x40 : 0))
        file += bytes[colours ?? 0..<0]
        file.append(UInt8(frame.codeSize))
        let codes = codes(of: frame, end)
        for start in stride(from: 0, to: codes.count, by: 255) {
            let block = codes[start..<min(start + 255, codes.count)]
            file.append(UInt8(block.count))
            file += block
        }
        file.append(0)
    }

    /// The codes of its pixels, and the end code.
    private func codes(of frame: Frame, _ end: LZWDecoder.End) -> [UInt8] {
        var codes: [UInt8] = []
        var position = frame.data.lowerBound
        let count = (end.bits + 7) / 8
        codes.reserveCapacity(count + 2)
        while codes.count < count, position < frame.data.upperBound {
            let block = bytes[position + 1..<frame.data.upperBound].prefix(Int(bytes[position]))
            codes += block.prefix(count - codes.count)
            position = block.endIndex
        }
        // The end code, after the bits of the last byte that belong to a pixel.
        let used = end.bits % 8
        let last = used == 0 ? 0 : Int(codes.removeLast()) & (1 << used - 1)
        let bits = last | (1 << frame.codeSize + 1) << used
        for shift in stride(from: 0, to: used + end.codeWidth, by: 8) {
            codes.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        return codes
    }

    private static func flags(_ palette: Range<Int>?) -> UInt8 {
        guard let palette else { return 0 }
        // 2 to 256 colours, as the exponent of 2 minus 1.
        return 0x80 | UInt8((palette.count / 3).trailingZeroBitCount - 1)
    }

    private static func number(_ value: Int) -> [UInt8] {
        [UInt8(value & 0xFF), UInt8(value >> 8 & 0xFF)]
    }
}
