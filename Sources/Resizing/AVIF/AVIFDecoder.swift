import CAvif
import Model

/// Decodes the frames of an AVIF file one after the other. The only owner of libavif's decoder.
final class AVIFDecoder {
    private let decoder: UnsafeMutablePointer<avifDecoder>
    /// libavif reads them as long as the decoder exists.
    private let file: FileBytes

    /// Reads the boxes, but no pixels.
    init(_ file: FileBytes) throws(CodecError) {
        guard let decoder = avifDecoderCreate() else {
            throw CodecError(message: "out of memory for libavif")
        }
        (self.decoder, self.file) = (decoder, file)
        decoder.pointee.codecChoice = AVIF_CODEC_CHOICE_DAV1D
        decoder.pointee.maxThreads = 1
        // Else libavif refuses files of older encoders, which every browser shows.
        decoder.pointee.strictFlags = AVIF_STRICT_DISABLED.rawValue
        decoder.pointee.ignoreExif = 1
        decoder.pointee.ignoreXMP = 1
        decoder.pointee.imageDimensionLimit = 0
        let bytes = file.buffer
        try check(
            avifDecoderSetIOMemory(
                decoder, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
        try check(avifDecoderParse(decoder))
    }

    deinit {
        avifDecoderDestroy(decoder)
    }

    /// After `init`, without pixels; after `decode`, the frame that was decoded last.
    var image: UnsafeMutablePointer<avifImage> { decoder.pointee.image }

    var frames: Int { Int(decoder.pointee.imageCount) }

    var hasAlpha: Bool { decoder.pointee.alphaPresent != 0 }

    /// How long the frame that was decoded last is shown, in milliseconds.
    var delay: Int {
        let seconds = decoder.pointee.imageTiming.duration
        return seconds > 0 ? Int(min(seconds, 1e6) * 1000 + 0.5) : 0
    }

    /// Refuses a stream whose frames have more pixels, before it allocates memory for them. libavif 0.11 and 1.2
    /// pass this limit to dav1d when they decode the first frame.
    func limitStreams(to pixels: Int) {
        decoder.pointee.imageSizeLimit = min(
            decoder.pointee.imageSizeLimit, UInt32(clamping: max(pixels, 1 << 16)))
    }

    /// Decodes the next frame into `image`.
    func decode() throws(CodecError) {
        try check(avifDecoderNextImage(decoder))
    }

    /// Uses the luma of another file's frame as alpha.
    func addAlpha(from other: AVIFDecoder) throws(CodecError) {
        let alpha = other.image.pointee
        guard let plane = alpha.yuvPlanes.0, alpha.width == image.pointee.width,
            alpha.height == image.pointee.height, alpha.depth == image.pointee.depth
        else { throw CodecError(message: "alpha does not fit its image") }
        if alpha.yuvRange == AVIF_RANGE_LIMITED { other.widenLuma() }
        image.pointee.alphaPlane = plane
        image.pointee.alphaRowBytes = alpha.yuvRowBytes.0
        image.pointee.imageOwnsAlphaPlane = 0
        alphaOwner = other
    }

    private var alphaOwner: AVIFDecoder?

    /// From limited to full range.
    private func widenLuma() {
        let depth = image.pointee.depth
        for y in 0..<Int(image.pointee.height) {
            guard let plane = image.pointee.yuvPlanes.0 else { return }
            let row = UnsafeMutableRawPointer(plane) + y * Int(image.pointee.yuvRowBytes.0)
            if depth > 8 {
                widen(row.assumingMemoryBound(to: UInt16.self), depth)
            } else {
                widen(row.assumingMemoryBound(to: UInt8.self), depth)
            }
        }
    }

    private func widen<Sample: FixedWidthInteger>(
        _ row: UnsafeMutablePointer<Sample>, _ depth: UInt32
    ) {
        for x in 0..<Int(image.pointee.width) {
            // The type of the depth differs between versions of libavif.
            row[x] = numericCast(avifLimitedToFullY(numericCast(depth), numericCast(row[x])))
        }
    }

    private func check(_ result: avifResult) throws(CodecError) {
        guard result != AVIF_RESULT_OK else { return }
        let details = withUnsafeBytes(of: decoder.pointee.diag.error) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let message = String(cString: avifResultToString(result)) + ": " + details
        switch result {
        case AVIF_RESULT_OUT_OF_MEMORY: throw CodecError(message: "out of memory: \(message)")
        case AVIF_RESULT_NOT_IMPLEMENTED, AVIF_RESULT_UNSUPPORTED_DEPTH:
            throw CodecError(message: message).unsupportedAVIF
        default: throw CodecError(message: message)
        }
    }
}

extension CodecError {
    /// The same for a file that is intact, but of a kind that libavif does not decode.
    var unsupportedAVIF: CodecError {
        CodecError(
            message: message,
            unsupported: "This AVIF is assembled or coded in a way that is not supported. "
                + "Export it again as a plain AVIF, or as a JPEG or PNG.")
    }
}
