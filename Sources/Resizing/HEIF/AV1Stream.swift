import Model

/// AV1 Bitstream & Decoding Process Specification, section 5.
struct AV1Stream {
    // Values of the sequence header that was read last.
    private var isReduced = false
    private var hasFrameTimes = false
    private var frameTimeBits = 0
    private var identifierBits = 0
    private var screenContent = 0
    private var integerMotion = 0
    private var shapes: [CodedImage] = []

    /// The shape in every sequence header of the decoder's configuration (AV1 in ISOBMFF, 2.3.3) and of the
    /// stream. Refuses frames that have their own size.
    static func shapes(
        _ setup: ArraySlice<UInt8>, _ data: [UInt8]
    ) throws(MalformedHEIF) -> [CodedImage] {
        var stream = AV1Stream()
        try stream.read(setup.dropFirst(4))
        try stream.read(data[...])
        return stream.shapes
    }

    /// Open bitstream units (5.3).
    private mutating func read(_ units: ArraySlice<UInt8>) throws(MalformedHEIF) {
        var reader = BoxReader(units)
        while !reader.isAtEnd {
            let header = try reader.byte()
            if header & 4 != 0 { try reader.skip(1) }
            let length = header & 2 != 0 ? try reader.variableLength() : reader.left
            var unit = try reader.part(length)
            switch header >> 3 & 15 {
            case 1: try readSequence(unit.rest())
            case 3, 6, 7: try readFrame(unit.rest())
            default: break
            }
        }
    }

    /// A sequence header (5.5.1), up to what is needed.
    private mutating func readSequence(_ unit: ArraySlice<UInt8>) throws(MalformedHEIF) {
        var reader = BitReader(unit)
        let profile = try reader.bits(3)
        try reader.skip(1)
        isReduced = try reader.flag()
        hasFrameTimes = false
        if isReduced {
            try reader.skip(5)
        } else {
            try readOperatingPoints(&reader)
        }
        let (widthBits, heightBits) = (try reader.bits(4) + 1, try reader.bits(4) + 1)
        let pixels = PixelSize(
            width: try reader.bits(widthBits) + 1, height: try reader.bits(heightBits) + 1)
        identifierBits = 0
        if !isReduced, try reader.flag() {
            let difference = try reader.bits(4) + 2
            identifierBits = try reader.bits(3) + difference + 1
        }
        try reader.skip(3)
        (screenContent, integerMotion) = (2, 2)
        if !isReduced { try readTools(&reader) }
        try reader.skip(3)
        let isHigh = try reader.flag()
        let isHighest = profile == 2 && isHigh ? try reader.flag() : false
        // Profiles 1 and 2 are for 4:4:4, 4:2:2 and twelve bits (A.2).
        shapes.append(
            CodedImage(
                pixels: pixels, depth: isHighest ? 12 : isHigh ? 10 : 8,
                isSubsampled: profile == 0))
    }

    private mutating func readOperatingPoints(_ reader: inout BitReader) throws(MalformedHEIF) {
        var (hasModel, delayBits) = (false, 0)
        if try reader.flag() {
            try reader.skip(64)
            let isSteady = try reader.flag()
            if isSteady { _ = try reader.golomb() }
            hasModel = try reader.flag()
            if hasModel {
                delayBits = try reader.bits(5) + 1
                try reader.skip(32 + 5)
                frameTimeBits = try reader.bits(5) + 1
                hasFrameTimes = !isSteady
            }
        }
        let hasDelays = try reader.flag()
        for _ in 0...(try reader.bits(5)) {
            try reader.skip(12)
            if try reader.bits(5) > 7 { try reader.skip(1) }
            if hasModel, try reader.flag() { try reader.skip(2 * delayBits + 1) }
            if hasDelays, try reader.flag() { try reader.skip(4) }
        }
    }

    private mutating func readTools(_ reader: inout BitReader) throws(MalformedHEIF) {
        try reader.skip(4)
        let hasOrder = try reader.flag()
        if hasOrder { try reader.skip(2) }
        if try !reader.flag() { screenContent = try reader.bits(1) }
        if screenContent > 0, try !reader.flag() { integerMotion = try reader.bits(1) }
        if hasOrder { try reader.skip(3) }
    }

    /// A frame header (5.9.2), up to frame_size_override_flag.
    private func readFrame(_ unit: ArraySlice<UInt8>) throws(MalformedHEIF) {
        guard !shapes.isEmpty else { throw MalformedHEIF("a frame before its sequence") }
        guard !isReduced else { return }
        var reader = BitReader(unit)
        if try reader.flag() { return }  // Shows an earlier frame again.
        let kind = try reader.bits(2)
        let isShown = try reader.flag()
        if isShown, hasFrameTimes { try reader.skip(frameTimeBits) }
        if !isShown { try reader.skip(1) }
        let isSwitch = kind == 3
        if !isSwitch, !(kind == 0 && isShown) { try reader.skip(1) }
        try reader.skip(1)
        let allowsScreenContent = screenContent == 2 ? try reader.flag() : screenContent == 1
        if allowsScreenContent, integerMotion == 2 { try reader.skip(1) }
        try reader.skip(identifierBits)
        guard !isSwitch, try !reader.flag() else {
            throw MalformedHEIF("a frame has its own size")
        }
    }
}

extension BoxReader {
    /// leb128 (4.10.5).
    fileprivate mutating func variableLength() throws(MalformedHEIF) -> Int {
        var value = 0
        for index in 0..<8 {
            let byte = try byte()
            value |= (byte & 0x7F) << (7 * index)
            if byte & 0x80 == 0 { return value }
        }
        throw MalformedHEIF("a length is too large")
    }
}
