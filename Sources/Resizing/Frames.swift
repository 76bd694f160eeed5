import CVips
import Model

/// A still image, or the frames of an animation in order. Each frame is processed separately, so that the
/// edge of one does not bleed into the next one.
struct Frames: Bitmap {
    let pictures: [Picture]

    var pixels: PixelSize { pictures[0].pixels }
    var chromaPixels: PixelSize { pixels }
    var firstFrame: Frames { Frames([pictures[0]]) }

    func picture() throws(CodecError) -> Picture { pictures[0] }

    init(_ pictures: [Picture]) {
        self.pictures = pictures
    }

    /// Decodes a picture whose frames are stacked vertically, and applies `change` to each. Only the changed
    /// frames are ever in memory.
    init(
        decoding strip: Picture, count: Int,
        as change: (Picture) throws(CodecError) -> Picture
    ) throws(CodecError) {
        guard count > 1 else {
            pictures = [try change(strip).evaluated()]
            return
        }
        var pictures: [Picture] = []
        for index in 0..<count {
            pictures.append(try change(try strip.frame(index)).evaluated())
        }
        self.pictures = pictures
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

    /// Stacked vertically, as encoders need them.
    func joined() throws(CodecError) -> Picture {
        guard pictures.count > 1 else { return pictures[0] }
        var pointers: [Picture.Pointer?] = pictures.map(\.pointer)
        let strip = try Picture { multires_arrayjoin(&pointers, $0, Int32(pointers.count)) }
        vips_image_set_int(
            strip.pointer, VIPS_META_PAGE_HEIGHT, Int32(pictures[0].pixels.height))
        return strip
    }
}
