import CAvif
import Model

/// What the boxes of an AVIF file state about its image or animation.
struct AVIFFile {
    /// As stored: before cropping and rotation.
    let pixels: PixelSize
    /// The part that is shown.
    let shown: Rectangle
    /// EXIF's 1 to 8 for the rotation and mirroring (ISO/IEC 23008-12, 6.5.10 and 6.5.12).
    let orientation: Int
    let frames: Int
    /// 0 means for ever.
    let plays: Int
    let colour: ColourDescription
    let decoding: HEIFDecoding
    /// Whether colours have the resolution of luma (4:4:4).
    let hasFullChroma: Bool
    /// Of the image or of a tile.
    private let codedArea: Int
    private let hasAlpha: Bool
    private let file: FileBytes
    /// The same file with its alpha as colours, if each tile has its own alpha.
    private let alphaFile: FileBytes?
    private let form: AVIFFrame.Form

    init(_ bytes: [UInt8]) throws(CodecError) {
        var container = AVIFContainer(bytes)
        container.normalize()
        let items = AVIFItems(container)
        file = FileBytes(container.bytes)
        alphaFile = items?.withAlphaOfTiles().map(FileBytes.init)
        let decoder: AVIFDecoder
        do { decoder = try AVIFDecoder(file) } catch {
            throw items?.isOfOtherKind == true ? error.unsupportedAVIF : error
        }
        let image = decoder.image.pointee
        pixels = PixelSize(width: Int(image.width), height: Int(image.height))
        guard pixels.width > 0, pixels.height > 0 else {
            throw CodecError(message: "an image of \(pixels)")
        }
        frames = max(1, decoder.frames)
        // A sequence has no tiles, even if there is also a still image that has.
        codedArea = frames == 1 ? items?.tileArea ?? pixels.area : pixels.area
        shown = Self.shownPart(of: image, pixels)
        orientation = Self.orientation(of: image)
        plays = frames > 1 ? container.plays() : 0
        hasAlpha = decoder.hasAlpha || (alphaFile != nil && frames == 1)
        hasFullChroma = image.yuvFormat == AVIF_PIXEL_FORMAT_YUV444
        colour = Self.colour(of: image, brightest: items?.brightest ?? 0)
        let isGrey = image.yuvFormat == AVIF_PIXEL_FORMAT_YUV400
        let channels = isGrey && colour.profile?.channels == 1 ? 1 : 3
        form = AVIFFrame.Form(
            pixels: pixels, bands: channels + (hasAlpha ? 1 : 0), isDeep: colour.needsDepth)
        decoding = HEIFDecoding(
            format: .avif, area: pixels.area,
            coded: CodedImage(
                pixels: pixels, depth: Int(image.depth),
                isSubsampled: isGrey || image.yuvFormat == AVIF_PIXEL_FORMAT_YUV420),
            hasAlpha: hasAlpha, isJoined: items?.isGrid == true, fileBytes: bytes.count)
    }

    /// A stream that decodes to far more pixels than the file claims is refused before that takes memory.
    func reader() throws(CodecError) -> AVIFReader {
        let alpha = try alphaFile.map { file throws(CodecError) in try AVIFDecoder(file) }
        let decoder = try AVIFDecoder(file)
        let limit = Self.tolerance * min(codedArea, Int(Int32.max))
        for decoder in [decoder, alpha] { decoder?.limitStreams(to: limit) }
        return AVIFReader(self, decoder, alpha)
    }

    /// Layers of an image may be larger than the one that is shown.
    private static let tolerance = 4

    fileprivate func picture(of decoder: AVIFDecoder) throws(CodecError) -> Picture {
        try Picture(
            reading: AVIFFrame(decoder, form), pixels, bands: form.bands, isDeep: form.isDeep)
    }

    private static func shownPart(of image: avifImage, _ pixels: PixelSize) -> Rectangle {
        let whole = Rectangle(centred: pixels, in: pixels)
        guard image.transformFlags & AVIF_TRANSFORM_CLAP.rawValue != 0 else { return whole }
        return Rectangle(image.clap, in: pixels) ?? whole
    }

    /// Rotated counter-clockwise first, then mirrored (ISO/IEC 23000-22, 7.3.6.7).
    private static func orientation(of image: avifImage) -> Int {
        let isTurned = image.transformFlags & AVIF_TRANSFORM_IROT.rawValue != 0
        let quarters = isTurned ? Int(image.irot.angle & 3) : 0
        guard image.transformFlags & AVIF_TRANSFORM_IMIR.rawValue != 0 else {
            return [1, 8, 3, 6][quarters]
        }
        var image = image
        return multires_avif_mirror(&image) == 0 ? [4, 5, 2, 7][quarters] : [2, 7, 4, 5][quarters]
    }

    /// A profile is more exact than code points (ISO/IEC 23000-22, 7.3.6.4).
    private static func colour(of image: avifImage, brightest: Int) -> ColourDescription {
        if image.icc.size > 0, let data = image.icc.data {
            return .profile(
                ColourProfile(Array(UnsafeBufferPointer(start: data, count: image.icc.size))))
        }
        var coded = CodedColour(
            Primaries(code: Int(image.colorPrimaries)) ?? .bt709,
            TransferCurve(code: Int(image.transferCharacteristics), video: .sRGB) ?? .sRGB)
        coded.brightest = Double(brightest)
        return coded.isSRGB ? .sRGB : .coded(coded)
    }
}

/// Reads the frames of an AVIF file.
final class AVIFReader: FrameReader {
    private let file: AVIFFile
    private let decoder: AVIFDecoder
    private let alphaDecoder: AVIFDecoder?
    private(set) var delays: [Int] = []

    fileprivate init(_ file: AVIFFile, _ decoder: AVIFDecoder, _ alphaDecoder: AVIFDecoder?) {
        (self.file, self.decoder, self.alphaDecoder) = (file, decoder, alphaDecoder)
    }

    var pixels: PixelSize { file.shown.size }

    var plays: Int { file.plays }

    func next(rows: Int) throws(CodecError) -> Picture {
        try decoder.decode()
        delays.append(decoder.delay)
        if let alphaDecoder, decoder.image.pointee.alphaPlane == nil {
            try alphaDecoder.decode()
            try decoder.addAlpha(from: alphaDecoder)
        }
        return try file.picture(of: decoder)
            .readableInParts()
            .cropped(to: file.shown)
            .with(orientation: file.orientation)
    }
}
