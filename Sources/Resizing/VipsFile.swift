import CVips
import Glibc
import Model
import Processes

/// A JPEG, PNG, WebP or HEIC that libvips reads.
struct VipsFile {
    let input: LoaderInput
    let format: ImageFormat

    private static let loaders: [ImageFormat: String] = [
        .jpeg: "VipsForeignLoadJpegFile", .png: "VipsForeignLoadPngFile",
        .webp: "VipsForeignLoadWebpFile",
    ]

    /// Whether the first bytes are of this format, so that its loader may read the file. Of a HEIC only the kind
    /// of file is checked, because libvips does not know all of its brands.
    static func isFile(_ path: String, of format: ImageFormat) -> Bool {
        if format == .heic {
            let start = try? FileDescriptor(opening: path, O_RDONLY).read(upTo: 8)
            return start?.dropFirst(4).elementsEqual("ftyp".utf8) == true
        }
        return vips_foreign_find_load(path).map { String(cString: $0) } == loaders[format]
    }

    /// The frames, stacked vertically, which are decoded when their pixels are read.
    ///
    /// - Parameter shrink: 1, 2, 4 or 8: how much smaller to decode a JPEG or WebP.
    func load(frames: Int, shrink: Int) throws(CodecError) -> Picture {
        try Picture { out in
            switch input {
            case .file(let path): load(path, frames, shrink, out)
            case .bytes(let bytes): load(bytes.buffer, frames, shrink, out)
            case .frame(let bytes, let place, let canvas): load(bytes.buffer, place, canvas, out)
            }
        }
    }

    private func load(
        _ path: String, _ frames: Int, _ shrink: Int, _ out: UnsafeMutablePointer<Picture.Pointer?>
    ) -> Int32 {
        switch format {
        case .jpeg: multires_jpegload(path, out, Int32(shrink))
        case .png: multires_pngload(path, out)
        case .webp: multires_webpload(path, out, frames > 1 ? -1 : 1, Int32(shrink))
        case .heic: multires_heifload(path, out)
        case .gif, .avif: -1
        }
    }

    private func load(
        _ bytes: UnsafeRawBufferPointer, _ frames: Int, _ shrink: Int,
        _ out: UnsafeMutablePointer<Picture.Pointer?>
    ) -> Int32 {
        let (start, count) = (bytes.baseAddress, bytes.count)
        return switch format {
        case .jpeg: multires_jpegload_bytes(start, count, out, Int32(shrink))
        case .png: multires_pngload_bytes(start, count, out)
        case .webp:
            multires_webpload_bytes(start, count, out, frames > 1 ? -1 : 1, Int32(shrink))
        case .heic, .gif, .avif: -1  // Never repaired.
        }
    }

    /// A PNG at a place on a transparent canvas.
    private func load(
        _ png: UnsafeRawBufferPointer, _ place: Rectangle, _ canvas: PixelSize,
        _ out: UnsafeMutablePointer<Picture.Pointer?>
    ) -> Int32 {
        var frame: Picture.Pointer?
        guard multires_pngload_bytes(png.baseAddress, png.count, &frame) == 0 else { return -1 }
        defer { g_object_unref(frame) }
        return multires_place(
            frame, out, Int32(place.left), Int32(place.top), Int32(canvas.width),
            Int32(canvas.height))
    }
}
