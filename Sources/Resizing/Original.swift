import CVips
import Glibc
import Model

/// An uploaded file of which only the header has been read.
struct Original {
    let path: String
    let format: ImageFormat
    /// The size of one frame as stored, before rotation.
    let stored: PixelSize
    let frames: Int
    /// EXIF's 1 to 8 (JEITA CP-3451, tag 0x0112). libheif has already applied HEIF's own rotation.
    let orientation: Int
    /// Progressive JPEG or interlaced PNG, which is decoded completely into memory.
    let isInterlaced: Bool
    /// Only for a HEIC or AVIF file.
    let decoding: HEIFDecoding?
    /// Only of a JPEG.
    let profile: ColourProfile?
    private let source: LoaderInput

    private static let loaders: [ImageFormat: String] = [
        .jpeg: "VipsForeignLoadJpegFile", .png: "VipsForeignLoadPngFile",
        .webp: "VipsForeignLoadWebpFile", .gif: "VipsForeignLoadNsgifFile",
        .avif: "VipsForeignLoadHeifFile", .heic: "VipsForeignLoadHeifFile",
    ]

    /// Refuses a file whose first bytes are not of this format, before a loader reads it.
    init(
        opening path: String, as format: ImageFormat, within limits: RenderLimits
    ) throws(RenderError) {
        guard access(path, R_OK) == 0 else {
            throw .unreadable("\(path): \(String(cString: strerror(errno)))")
        }
        guard let loader = vips_foreign_find_load(path),
            String(cString: loader) == Self.loaders[format]
        else {
            throw .imageFailed(
                "unsupported_media_type",
                "The file's content is not a readable JPEG, PNG, WebP, GIF, AVIF or HEIC image.",
                message: "\(path) is not \(format): \(Vips.failure().message)")
        }
        let decoding =
            format == .avif || format == .heic
            ? try HEIFGeometry.checkCoverage(in: path, as: format, within: limits) : nil
        var source = LoaderInput.file(path)
        if format == .png {
            if let bytes = PNGFile.withoutTail(path, pixels: limits.pixels) {
                source = .bytes(FileBytes(bytes))
            } else if let bytes = try PNGFile.withoutText(path) {
                source = .bytes(FileBytes(bytes))
            }
        }
        do {
            try self.init(header: source, path: path, as: format, decoding)
        } catch {
            let repaired = try Self.repaired(path, format, after: error, within: limits)
            try self.init(repaired, path: path, as: format)
        }
    }

    /// Reads `source` instead of the file at `path`.
    init(_ source: LoaderInput, path: String, as format: ImageFormat) throws(RenderError) {
        do {
            try self.init(header: source, path: path, as: format)
        } catch {
            throw RenderError(reading: error)
        }
    }

    private init(
        header source: LoaderInput, path: String, as format: ImageFormat,
        _ decoding: HEIFDecoding? = nil
    ) throws(CodecError) {
        // libvips allocates memory for all pixels of a WebP when it reads the header.
        let large = format == .webp ? WebP.largeCanvas(of: path) : nil
        let header = try Self.load(source, format, frames: 1, shrink: large == nil ? 1 : 8)
        (self.path, self.format, self.source, self.decoding) = (path, format, source, decoding)
        stored = large ?? header.pixels
        frames = header.integer("n-pages").map { format.isAnimated ? $0 : 1 } ?? 1
        orientation = Int(vips_image_get_orientation(header.pointer))
        profile = format == .jpeg ? ColourProfile(of: header) : nil
        isInterlaced = ["interlaced", "jpeg-multiscan"].contains { header.integer($0) == 1 }
    }

    /// Whether the rows of the file are columns of the image as it is shown.
    var isTurned: Bool { orientation >= 5 }

    /// The size of one frame after rotation, as it is shown.
    var upright: PixelSize { isTurned ? stored.turned : stored }

    /// The file that is read; nil if repaired bytes are read instead.
    var filePath: String? { if case .file(let path) = source { path } else { nil } }

    /// The frames. They are decoded from top to bottom when their pixels are read, which must happen while
    /// this original exists.
    ///
    /// - Parameter shrink: 1, 2, 4 or 8: how much smaller to decode a JPEG, or a WebP that would otherwise
    ///   take too much memory. Other files ignore it.
    func open(shrink: Int) throws(CodecError) -> Picture {
        let isShrunk = format != .webp || stored.area > WebP.largeArea
        return try Self.load(source, format, frames: frames, shrink: isShrunk ? shrink : 1)
    }

    private static func load(
        _ source: LoaderInput, _ format: ImageFormat, frames: Int, shrink: Int
    ) throws(CodecError) -> Picture {
        let pages: Int32 = frames > 1 ? -1 : 1
        return try Picture { out in
            switch source {
            case .file(let path):
                switch format {
                case .jpeg: multires_jpegload(path, out, Int32(shrink))
                case .png: multires_pngload(path, out)
                case .webp: multires_webpload(path, out, pages, Int32(shrink))
                case .gif: multires_gifload(path, out, pages)
                case .avif, .heic: multires_heifload(path, out)
                }
            case .bytes(let bytes):
                load(bytes.buffer, format, pages: pages, shrink: shrink, out)
            }
        }
    }

    private static func load(
        _ bytes: UnsafeRawBufferPointer, _ format: ImageFormat, pages: Int32, shrink: Int,
        _ out: UnsafeMutablePointer<Picture.Pointer?>
    ) -> Int32 {
        let (start, count) = (bytes.baseAddress, bytes.count)
        return switch format {
        case .jpeg: multires_jpegload_bytes(start, count, out, Int32(shrink))
        case .png: multires_pngload_bytes(start, count, out)
        case .webp: multires_webpload_bytes(start, count, out, pages, Int32(shrink))
        case .gif: multires_gifload_bytes(start, count, out, pages)
        case .avif, .heic: -1  // Never repaired.
        }
    }
}

extension ImageFormat {
    /// Whether a file may have several frames, which are shown one after the other.
    var isAnimated: Bool { self == .gif || self == .webp }
}

extension PixelSize {
    var turned: PixelSize { PixelSize(width: height, height: width) }
    var area: Int { width * height }
}
