import CVips
import Model

/// A still image, or the frames of an animation in order. Each frame is processed separately, so that the
/// edge of one does not bleed into the next one.
struct Frames: Bitmap {
    let pictures: [Picture]
    /// A file in the original's format that has exactly these pixels, if there is one: a GIF that is not scaled
    /// needs no new palettes.
    let file: [UInt8]?

    var pixels: PixelSize { pictures[0].pixels }
    var chromaPixels: PixelSize { pixels }
    var firstFrame: Frames { Frames([pictures[0]]) }

    func picture() throws(CodecError) -> Picture { pictures[0] }

    init(_ pictures: [Picture], file: [UInt8]? = nil) {
        (self.pictures, self.file) = (pictures, file)
    }

    func resized(
        _ part: Rectangle, to size: PixelSize, _ chroma: Chroma
    ) throws(CodecError) -> Frames {
        var resized: [Picture] = []
        for picture in pictures {
            resized.append(try picture.cropped(to: part).resized(to: size).evaluated())
        }
        return Frames(resized)
    }

    /// Stacked vertically, as libvips needs them for WebP, which can state up to 65,535 plays (RFC 9649, section
    /// 2.7.1.1).
    func joined() throws(CodecError) -> Picture {
        guard pictures.count > 1 else { return pictures[0] }
        var pointers: [Picture.Pointer?] = pictures.map(\.pointer)
        let strip = try Picture { multires_arrayjoin(&pointers, $0, Int32(pointers.count)) }
        vips_image_set_int(
            strip.pointer, VIPS_META_PAGE_HEIGHT, Int32(pictures[0].pixels.height))
        let plays = strip.integer("loop") ?? 0
        vips_image_set_int(strip.pointer, "loop", Int32(min(max(plays, 0), 0xFFFF)))
        return strip
    }
}
