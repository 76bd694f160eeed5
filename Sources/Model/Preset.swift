import Text

/// The sizes in which every image is rendered, and how they are encoded; `PresetFile` reads a preset from a
/// file. An image's variant is one of these sizes, rendered.
public struct Preset: Sendable, Codable, Equatable {
    public struct Size: Sendable, Codable, Equatable {
        public let name: String
        public let box: PixelSize
        /// Nil: the fit that the upload asks for.
        public let fit: Fit?
        /// Nil: the original's, or one that browsers show (`ImageFormat.ofVariants`).
        public let format: ImageFormat?
        /// 1 to 100, for JPEG, WebP and AVIF. Nil: the quality in `Encoding`.
        public let quality: Int?

        public init(
            name: String, box: PixelSize, fit: Fit? = nil, format: ImageFormat? = nil,
            quality: Int? = nil
        ) {
            (self.name, self.box, self.fit) = (name, box, fit)
            (self.format, self.quality) = (format, quality)
        }

        /// The format of this size's variant of an original.
        public func format(
            of original: ImageFormat, isAnimated: Bool = false
        ) -> ImageFormat {
            format ?? (isAnimated ? original.ofAnimatedVariants : original.ofVariants)
        }
    }

    /// Encoder settings per format, each on the encoder's own scale. Chosen by bytes and processor time at
    /// about the same quality (SSIM 0.975 to 0.977); the figures are the mean of five photographs of
    /// 1024 x 1024 pixels.
    public struct Encoding: Sendable, Codable, Equatable {
        /// 1 to 100. 122 KB in 3.3 ms; optimised Huffman tables save 4 % for twice the time,
        /// progressive coding 7 % for four times, full colour resolution costs 30 % more bytes.
        public var jpegQuality = 80
        /// 1 to 100.
        public var webpQuality = 80
        /// 0 (fast) to 6 (small). 95 KB in 32 ms; 0 takes 101 KB in 19 ms, 4 takes 93 KB in 75 ms.
        public var webpEffort = 2
        /// zlib level, 0 to 9. 1480 KB in 95 ms; 2 takes 3 % more for two thirds of the time, but saves no time
        /// and takes 7 to 10 % more for flat graphics, which most PNGs are. 6 saves 6 % for four times the time.
        public var pngCompression = 3
        /// 1 (fast) to 10 (exact): one more than the number of times that a palette is improved. Of three
        /// photographs of 1024 x 640 pixels, 1 takes 6 % less time and loses 0.2 dB, 10 gains 0.1 dB for 18 %
        /// more time; the bytes differ by less than 1 %.
        public var gifEffort = 3
        /// 1 to 100.
        public var avifQuality = 60
        /// 0 (fast) to 9 (small). 74 KB in 40 ms; 1 to 3 save at most 2 % for up to 8 times the time.
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

    /// The encoder settings of a size: the preset's, with the size's own quality if it has one.
    public func encoding(of size: Size) -> Encoding {
        guard let quality = size.quality else { return encoding }
        var own = encoding
        own.jpegQuality = quality
        own.webpQuality = quality
        own.avifQuality = quality
        return own
    }

    /// Eight lower-case hexadecimal digits that change with any setting of this size. They are part of a
    /// variant's file name, so the content at an address never changes, and a size whose settings stay the
    /// same keeps its addresses. FNV-1a: it need not resist collisions that are made on purpose.
    public func revision(of size: Size) -> String {
        var text = "renderer 2;\(size.name) \(size.box.width)x\(size.box.height)"
        text += ";\(size.fit?.rawValue ?? "-");\(size.format?.rawValue ?? "-")"
        for format in size.format.map({ [$0] }) ?? ImageFormat.allCases {
            text += ";" + encoding(of: size).text(for: format)
        }
        var hash: UInt32 = 2_166_136_261
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return hash.hex(digits: 8)
    }
}

extension Preset {
    /// Sizes for which `variants` has no variant with this preset's settings.
    ///
    /// - Parameter format: the original's.
    public func missing(from variants: [Variant], of format: ImageFormat) -> [Size] {
        sizes.filter { size in !variants.contains { isMade($0, as: size, of: format) } }
    }

    /// Those of `variants` whose size this preset does not have, or has with other settings.
    ///
    /// - Parameter format: the original's.
    public func superseded(among variants: [Variant], of format: ImageFormat) -> [Variant] {
        variants.filter { variant in !sizes.contains { isMade(variant, as: $0, of: format) } }
    }

    private func isMade(_ variant: Variant, as size: Size, of format: ImageFormat) -> Bool {
        variant.name == size.name && variant.revision == revision(of: size)
            && [false, true].contains {
                variant.format == size.format(of: format, isAnimated: $0)
            }
    }
}

extension Preset.Encoding {
    /// The settings that change the bytes of this format.
    fileprivate func text(for format: ImageFormat) -> String {
        switch format {
        case .jpeg, .heic: "jpeg \(jpegQuality)"
        case .png: "png \(pngCompression)"
        case .webp: "webp \(webpQuality) \(webpEffort)"
        case .gif: "gif \(gifEffort)"
        case .avif: "avif \(avifQuality) \(avifEffort)"
        }
    }
}
