import CVips
import Glibc
import Model
import Processes

/// An uploaded file of which only the header has been read.
struct Original {
    let path: String
    let format: ImageFormat
    /// The size of one frame as stored, before rotation.
    let stored: PixelSize
    /// The size that the decoder produces; larger than `stored` if the file states a crop.
    let coded: PixelSize
    let frames: Int
    /// How many pixels all frames have to decode and to show.
    let workPixels: Int
    /// EXIF's 1 to 8 (JEITA CP-3451, tag 0x0112). libheif has already applied HEIF's own rotation.
    let orientation: Int
    /// Progressive JPEG or interlaced PNG, which is decoded completely into memory.
    let isInterlaced: Bool
    /// Only for a HEIC or AVIF file.
    let decoding: HEIFDecoding?
    let colour: ColourDescription
    /// Whether an AVIF has colours in the resolution of its pixels (4:4:4).
    let hasFullChroma: Bool
    private let source: Source

    private enum Source {
        case vips(VipsFile)
        case avif(AVIFFile)
        case gif(GIFFile)
    }

    /// Refuses a file whose first bytes are not of this format, before a loader reads it.
    init(
        opening path: String, as format: ImageFormat, within limits: RenderLimits
    ) throws(RenderError) {
        guard access(path, R_OK) == 0 else {
            throw .unreadable("\(path): \(String(cString: strerror(errno)))")
        }
        switch format {
        case .avif:
            try self.init(avif: path)
            return
        case .gif:
            try self.init(gif: path, within: limits)
            return
        default: break
        }
        guard VipsFile.isFile(path, of: format) else {
            throw .notAnImage("\(path) is not \(format): \(Vips.failure().message)")
        }
        let decoding =
            format == .heic
            ? try HEIFGeometry.checkCoverage(in: path, within: limits) : nil
        let input = try LoaderInput(path, as: format, within: limits)
        do {
            try self.init(header: input, path: path, as: format, decoding)
        } catch {
            let repaired = try Self.repaired(path, format, after: error, within: limits)
            try self.init(repaired, path: path, as: format)
        }
    }

    private init(avif path: String) throws(RenderError) {
        let bytes = try Self.bytes(of: path)
        guard bytes.dropFirst(4).starts(with: "ftyp".utf8) else {
            throw .notAnImage("\(path) has no ftyp box")
        }
        let file: AVIFFile
        do { file = try AVIFFile(bytes) } catch { throw RenderError(reading: error) }
        (self.path, format, source) = (path, .avif, .avif(file))
        (stored, coded, orientation) = (file.shown.size, file.pixels, file.orientation)
        (frames, workPixels) = (file.frames, file.pixels.area * file.frames)
        (isInterlaced, decoding, colour) = (false, file.decoding, file.colour)
        hasFullChroma = file.hasFullChroma
    }

    private init(gif path: String, within limits: RenderLimits) throws(RenderError) {
        let bytes = try Self.bytes(of: path)
        guard bytes.starts(with: "GIF8".utf8) else { throw .notAnImage("\(path) is no GIF") }
        let file: GIFFile
        do { file = try GIFFile(bytes, frames: limits.frames) } catch {
            throw RenderError(reading: CodecError(message: error.message))
        }
        (self.path, format, source) = (path, .gif, .gif(file))
        (stored, coded, orientation, frames) = (file.canvas, file.canvas, 1, file.frames.count)
        workPixels = file.workPixels
        (isInterlaced, decoding, colour, hasFullChroma) = (false, nil, .sRGB, false)
    }

    /// Reads `input` instead of the file at `path`.
    init(_ input: LoaderInput, path: String, as format: ImageFormat) throws(RenderError) {
        do {
            try self.init(header: input, path: path, as: format)
        } catch {
            throw RenderError(reading: error)
        }
    }

    private init(
        header input: LoaderInput, path: String, as format: ImageFormat,
        _ decoding: HEIFDecoding? = nil
    ) throws(CodecError) {
        // libvips allocates memory for all pixels of a WebP when it reads the header.
        let large = format == .webp ? WebP.largeCanvas(of: path) : nil
        let file = VipsFile(input: input, format: format)
        let header = try file.load(frames: 1, shrink: large == nil ? 1 : 8)
        (self.path, self.format, self.decoding) = (path, format, decoding)
        source = .vips(file)
        hasFullChroma = false
        stored = large ?? header.pixels
        coded = stored
        frames = header.integer("n-pages").map { format.isAnimated ? $0 : 1 } ?? 1
        workPixels = stored.area * frames
        orientation = Int(vips_image_get_orientation(header.pointer))
        let described = format == .png ? PNGHead(path)?.colour : nil
        colour = described ?? ColourProfile(of: header).map(ColourDescription.profile) ?? .sRGB
        isInterlaced = ["interlaced", "jpeg-multiscan"].contains { header.integer($0) == 1 }
    }

    /// Whether the rows of the file are columns of the image as it is shown.
    var isTurned: Bool { orientation >= 5 }

    /// The size of one frame after rotation, as it is shown.
    var upright: PixelSize { isTurned ? stored.turned : stored }

    /// The file that is read; nil if repaired bytes are read instead.
    var filePath: String? {
        if case .vips(let file) = source, case .file(let path) = file.input { path } else { nil }
    }

    /// The frames. Their pixels must be read while this original exists.
    ///
    /// - Parameter shrink: 1, 2, 4 or 8: how much smaller to decode a JPEG, or a WebP that would otherwise
    ///   take too much memory. Other files ignore it.
    func reader(shrink: Int) throws(CodecError) -> any FrameReader {
        switch source {
        case .avif(let file): return try file.reader()
        case .gif(let file): return try GIFReader(file)
        case .vips(let file):
            let isShrunk = format != .webp || stored.area > WebP.largeArea
            let strip = try file.load(frames: frames, shrink: isShrunk ? shrink : 1)
            return try StripReader(strip, frames: frames)
        }
    }
}

extension ImageFormat {
    /// Whether a variant may have several frames, which are shown one after the other, and whether libvips reads
    /// them.
    var isAnimated: Bool { self == .gif || self == .webp }
}

extension PixelSize {
    var turned: PixelSize { PixelSize(width: height, height: width) }

    /// Saturates: files claim sizes up to 2^32 - 1.
    var area: Int {
        let (area, isTooLarge) = width.multipliedReportingOverflow(by: height)
        return isTooLarge ? .max : area
    }
}
