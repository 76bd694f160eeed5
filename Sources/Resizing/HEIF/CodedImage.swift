import Model

/// The shape of the pixels that a decoder produces from an item's stream: of a HEIC regardless of what the boxes
/// around it claim.
struct CodedImage: Equatable {
    let pixels: PixelSize
    /// The size for which the decoder allocates memory; larger than `pixels` if the stream crops the image.
    let decoded: PixelSize
    /// Bits per channel.
    let depth: Int
    /// Whether colours have at most half the resolution in both directions: 4:2:0, or grey.
    let isSubsampled: Bool

    /// Refuses a stream that changes its shape, because it depends on the decoder what it would show.
    init(_ item: HEIFItem, data: [UInt8]) throws(MalformedHEIF) {
        let shapes = try Self.shapes(item, data: data)
        guard let first = shapes.first, shapes.allSatisfy({ $0 == first }) else {
            throw MalformedHEIF("item \(item.number) has \(shapes.count) shapes in its stream")
        }
        self = first
    }

    init(pixels: PixelSize, decoded: PixelSize? = nil, depth: Int, isSubsampled: Bool) {
        self.pixels = pixels
        self.decoded = decoded ?? pixels
        self.depth = depth
        self.isSubsampled = isSubsampled
    }

    /// All shapes that the stream has.
    static func shapes(_ item: HEIFItem, data: [UInt8]) throws(MalformedHEIF) -> [CodedImage] {
        try HEVCStream.shapes(item.decoderSetup(), data)
    }

    /// Refuses a stream that takes more memory than any accepted image, however small the file claims it is.
    func check(_ limits: RenderLimits) throws(MalformedHEIF) {
        let (width, height) = (decoded.width - Self.padding, decoded.height - Self.padding)
        guard max(width, height) <= limits.side,
            width <= 0 || height <= 0 || width <= limits.pixels / height
        else { throw MalformedHEIF("a stream decodes to \(decoded) pixels") }
    }

    /// Encoders pad images to whole blocks; the largest have 64 pixels a side in HEVC.
    private static let padding = 64
}

/// ITU-T H.265.
enum HEVCStream {
    /// The shape in every sequence parameter set of the decoder's configuration (ISO/IEC 14496-15, 8.3.3.1)
    /// and of the stream, in which each unit follows its length in four bytes.
    static func shapes(
        _ setup: ArraySlice<UInt8>, _ data: [UInt8]
    ) throws(MalformedHEIF) -> [CodedImage] {
        var shapes: [CodedImage] = []
        var reader = BoxReader(setup)
        try reader.skip(22)
        for _ in 0..<(try reader.byte()) {
            try reader.skip(1)
            for _ in 0..<(try reader.number(2)) {
                var unit = try reader.part(try reader.number(2))
                if let shape = try shape(unit.rest()) { shapes.append(shape) }
            }
        }
        var stream = BoxReader(data)
        while !stream.isAtEnd {
            var unit = try stream.part(try stream.number(4))
            if let shape = try shape(unit.rest()) { shapes.append(shape) }
        }
        return shapes
    }

    /// Whether the unit is a sequence parameter set of the base layer. Decoders of still images ignore other
    /// layers (7.3.1.2).
    private static func isParameterSet(_ unit: ArraySlice<UInt8>) -> Bool {
        guard unit.count > 2, let first = unit.first else { return false }
        let layer = Int(first & 1) << 5 | Int(unit[unit.startIndex + 1] >> 3)
        return first >> 1 & 63 == 33 && layer == 0
    }

    /// The shape in a sequence parameter set (7.3.2.2), cropped to its conformance window. Nil for any other
    /// unit.
    private static func shape(_ unit: ArraySlice<UInt8>) throws(MalformedHEIF) -> CodedImage? {
        guard isParameterSet(unit) else { return nil }
        let content = withoutEmulationPrevention(unit.prefix(1024).dropFirst(2))
        var reader = BitReader(content[...])
        try reader.skip(4)
        let layers = try reader.bits(3)
        try reader.skip(1 + 96)
        var present: [(profile: Bool, level: Bool)] = []
        for _ in 0..<layers { present.append((try reader.flag(), try reader.flag())) }
        if layers > 0 { try reader.skip(2 * (8 - layers)) }
        for layer in present { try reader.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0)) }
        _ = try reader.golomb()
        let chroma = try reader.golomb()
        if chroma == 3 { try reader.skip(1) }
        let decoded = PixelSize(width: try reader.golomb(), height: try reader.golomb())
        var (width, height) = (decoded.width, decoded.height)
        if try reader.flag() {
            let across = chroma == 1 || chroma == 2 ? 2 : 1
            let down = chroma == 1 ? 2 : 1
            width -= across * (try reader.golomb() + reader.golomb())
            height -= down * (try reader.golomb() + reader.golomb())
        }
        let depth = 8 + (try reader.golomb())
        guard width > 0, height > 0 else { throw MalformedHEIF("a stream without pixels") }
        return CodedImage(
            pixels: PixelSize(width: width, height: height), decoded: decoded, depth: depth,
            isSubsampled: chroma < 2)
    }

    /// Removes each 3 after two zeros, which is only there for the transport (7.3.1.1).
    private static func withoutEmulationPrevention(_ unit: ArraySlice<UInt8>) -> [UInt8] {
        var content: [UInt8] = []
        var zeros = 0
        for byte in unit {
            if zeros >= 2, byte == 3 {
                zeros = 0
                continue
            }
            zeros = byte == 0 ? zeros + 1 : 0
            content.append(byte)
        }
        return content
    }
}
