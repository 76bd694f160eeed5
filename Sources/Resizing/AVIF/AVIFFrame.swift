import CAvif
import Model

/// Converts a decoded AVIF frame to RGB when it is read, so that only its planes are in memory.
final class AVIFFrame: RowSource {
    /// What a frame is converted to.
    struct Form {
        let pixels: PixelSize
        /// Grey or RGB, with or without alpha that is not premultiplied.
        let bands: Int
        /// Whether channels have 16 bits.
        let isDeep: Bool
    }

    private let decoder: AVIFDecoder
    private let form: Form
    private let hasAlpha: Bool

    /// - Parameter decoder: it must have decoded the frame, and must not decode the next one while this exists.
    init(_ decoder: AVIFDecoder, _ form: Form) throws(CodecError) {
        let image = decoder.image.pointee
        guard Int(image.width) == form.pixels.width, Int(image.height) == form.pixels.height else {
            throw CodecError(message: "a frame of \(image.width) x \(image.height)")
        }
        (self.decoder, self.form) = (decoder, form)
        hasAlpha = form.bands % 2 == 0
        guard rgb(0..<min(2, form.pixels.height)) != nil else {
            throw CodecError(
                message: "matrix \(image.matrixCoefficients) of \(image.depth) bits",
                unsupported: "This AVIF describes its colours in a way that is not supported "
                    + "(matrix coefficients \(image.matrixCoefficients)). Export it again with "
                    + "ordinary colours, or as a JPEG or PNG.")
        }
    }

    func write(_ rows: Range<Int>, to pixels: UnsafeMutableRawPointer, stride: Int) -> Bool {
        guard let (strip, first) = rgb(rows) else { return false }
        for row in rows {
            let from = strip.start + (row - first) * strip.stride
            copy(from, to: pixels + (row - rows.lowerBound) * stride)
        }
        return true
    }

    private func copy(_ from: UnsafeMutableRawPointer, to: UnsafeMutableRawPointer) {
        let count = form.pixels.width
        if form.bands == 4 {
            to.copyMemory(from: from, byteCount: count * 4 * sampleBytes)
        } else if form.isDeep {
            select(UInt16.self, from, to, count)
        } else {
            select(UInt8.self, from, to, count)
        }
    }

    /// Copies RGB, or grey with or without alpha, of RGBA.
    private func select<Sample>(
        _ type: Sample.Type, _ from: UnsafeMutableRawPointer, _ to: UnsafeMutableRawPointer,
        _ count: Int
    ) {
        let from = from.assumingMemoryBound(to: type)
        let to = to.assumingMemoryBound(to: type)
        let bands = form.bands
        guard bands == 3 else {
            for pixel in 0..<count {
                to[bands * pixel] = from[4 * pixel]
                if bands == 2 { to[2 * pixel + 1] = from[4 * pixel + 3] }
            }
            return
        }
        for pixel in 0..<count {
            to[3 * pixel] = from[4 * pixel]
            to[3 * pixel + 1] = from[4 * pixel + 1]
            to[3 * pixel + 2] = from[4 * pixel + 2]
        }
    }

    private var sampleBytes: Int { form.isDeep ? 2 : 1 }

    /// Rows as RGBA, and the number of the first one. Colours of 4:2:0 lie between rows, so the rows beside
    /// these are converted too, and strips begin at even rows. Nil if libavif cannot convert them.
    private func rgb(_ rows: Range<Int>) -> (strip: Strip, first: Int)? {
        let (width, height) = (form.pixels.width, form.pixels.height)
        let first = max(0, (rows.lowerBound - Self.margin) / 2 * 2)
        let count = min(height, rows.upperBound + Self.margin) - first
        guard let view = avifImageCreateEmpty() else { return nil }
        defer { avifImageDestroy(view) }
        var rectangle = avifCropRect(
            x: 0, y: UInt32(first), width: UInt32(width), height: UInt32(count))
        guard avifImageSetViewRect(view, decoder.image, &rectangle) == AVIF_RESULT_OK else {
            return nil
        }
        var result = avifRGBImage()
        avifRGBImageSetDefaults(&result, view)
        result.format = AVIF_RGB_FORMAT_RGBA
        result.depth = form.isDeep ? 16 : 8
        result.ignoreAlpha = hasAlpha ? 0 : 1
        let strip = Strip(stride: width * 4 * sampleBytes, rows: count)
        result.pixels = strip.start.assumingMemoryBound(to: UInt8.self)
        result.rowBytes = UInt32(strip.stride)
        guard avifImageYUVToRGB(view, &result) == AVIF_RESULT_OK else { return nil }
        return (strip, first)
    }

    private static let margin = 2
}

/// Zeroed memory for rows.
private final class Strip {
    let start: UnsafeMutableRawPointer
    let stride: Int

    init(stride: Int, rows: Int) {
        self.stride = stride
        start = .allocate(byteCount: stride * rows, alignment: 16)
        start.initializeMemory(as: UInt8.self, repeating: 0, count: stride * rows)
    }

    deinit { start.deallocate() }
}
