import Model

/// A property of an item, as far as it decides which pixels are there.
enum HEIFProperty: Equatable {
    /// The size that the item claims, before rotation and cropping.
    case size(PixelSize)
    /// A rotation by this number of quarters, counter-clockwise.
    case turn(Int)
    case mirror(Int)
    /// The clean aperture's eight numbers.
    case crop([Int])
    /// The configuration of its HEVC or AV1 decoder.
    case decoder(ArraySlice<UInt8>)
    case isAlpha
    /// The brightest pixel's light in cd/m² (clli).
    case lightLevel(Int)
    case other

    init(_ kind: String, _ content: BoxReader) throws(MalformedHEIF) {
        var reader = content
        switch kind {
        case "ispe":
            _ = try reader.version()
            self = .size(PixelSize(width: try reader.number(4), height: try reader.number(4)))
        case "irot": self = .turn(try reader.byte() & 3)
        case "imir": self = .mirror(try reader.byte() & 1)
        case "clap":
            var numbers: [Int] = []
            for _ in 0..<8 { numbers.append(try reader.number(4)) }
            self = .crop(numbers)
        case "hvcC", "av1C": self = .decoder(reader.rest())
        case "clli": self = .lightLevel(try reader.number(2))
        case "auxC":
            _ = try reader.version()
            self = Self.alphas.contains(try reader.text()) ? .isAlpha : .other
        default: self = .other
        }
    }

    /// Whether it changes which pixels are where. A turn by 0 does not.
    var isTransform: Bool {
        switch self {
        case .turn(let quarters): quarters > 0
        case .mirror, .crop: true
        default: false
        }
    }

    var isCrop: Bool { if case .crop = self { true } else { false } }

    /// The names that libheif recognizes as alpha.
    private static let alphas: Set = [
        "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", "urn:mpeg:hevc:2015:auxid:1",
        "urn:mpeg:avc:2015:auxid:1",
    ]
}

extension HEIFItem {
    /// The size that the item claims. Throws if there are several: our decoder would use the last one,
    /// another decoder the first.
    func claimedSize() throws(MalformedHEIF) -> PixelSize {
        var sizes: [PixelSize] = []
        for case .size(let size) in properties { sizes.append(size) }
        guard sizes.count == 1, sizes[0].width > 0, sizes[0].height > 0 else {
            throw MalformedHEIF("item \(number) has \(sizes.count) sizes")
        }
        return sizes[0]
    }

    func decoderSetup() throws(MalformedHEIF) -> ArraySlice<UInt8> {
        var setups: [ArraySlice<UInt8>] = []
        for case .decoder(let setup) in properties { setups.append(setup) }
        guard setups.count == 1 else {
            throw MalformedHEIF("item \(number) has \(setups.count) decoder set-ups")
        }
        return setups[0]
    }

    var transforms: [HEIFProperty] { properties.filter(\.isTransform) }

    var isCoded: Bool { kind == "hvc1" }
}
