/// The sizes every image gets, and how they are encoded.
public struct Preset: Sendable, Codable, Equatable {
    public struct Size: Sendable, Codable, Equatable {
        public let name: String
        public let box: PixelSize

        public init(name: String, box: PixelSize) {
            self.name = name
            self.box = box
        }
    }

    /// Encoder settings per format, each on the encoder's own scale.
    public struct Encoding: Sendable, Codable, Equatable {
        /// 1 to 100.
        public var jpegQuality = 80
        /// 1 to 100.
        public var webpQuality = 80
        /// 0 (fast) to 6 (small).
        public var webpEffort = 2
        /// zlib level, 0 to 9.
        public var pngCompression = 3
        /// 1 to 10.
        public var gifEffort = 3
        /// 1 to 100.
        public var avifQuality = 60
        /// 0 (fast) to 9 (small).
        public var avifEffort = 0

        public init() {}
    }

    /// Smallest first.
    public let sizes: [Size]
    public let encoding: Encoding

    public init(sizes: [Size], encoding: Encoding = Encoding()) {
        self.sizes = sizes
        self.encoding = encoding
    }

    public static let standard = Preset(sizes: [
        Size(name: "thumbnail", box: PixelSize(width: 150, height: 150)),
        Size(name: "small", box: PixelSize(width: 480, height: 480)),
        Size(name: "medium", box: PixelSize(width: 1024, height: 1024)),
        Size(name: "large", box: PixelSize(width: 1920, height: 1920)),
    ])

    /// Eight hexadecimal digits that change with any setting above: a variant's name carries them,
    /// so an address never changes its content. FNV-1a; it names, it does not protect.
    public var revision: String {
        var text = "renderer 1"
        for size in sizes { text += ";\(size.name) \(size.box.width)x\(size.box.height)" }
        text += ";\(encoding)"
        var hash: UInt32 = 2_166_136_261
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

extension Fit {
    /// The pixels a variant gets. Nothing is ever enlarged: cover takes the largest crop with the
    /// box's proportions, inside at most the original.
    public func pixels(of original: PixelSize, in box: PixelSize) -> PixelSize {
        let across = Double(box.width) / Double(original.width)
        let down = Double(box.height) / Double(original.height)
        switch self {
        case .cover:
            let scale = min(1, 1 / max(across, down))
            return PixelSize(
                width: max(1, Int((Double(box.width) * scale).rounded())),
                height: max(1, Int((Double(box.height) * scale).rounded())))
        case .inside:
            let scale = min(1, across, down)
            return PixelSize(
                width: max(1, Int((Double(original.width) * scale).rounded())),
                height: max(1, Int((Double(original.height) * scale).rounded())))
        }
    }
}
