import CVips

/// A still, or the frames of an animation in their order. Each is changed by itself, so that no
/// frame's edge bleeds into the next one's.
struct Frames {
    let pictures: [Picture]

    init(_ pictures: [Picture]) {
        self.pictures = pictures
    }

    /// Decodes a picture whose frames lie one below the other, and changes each on the way: only
    /// the changed ones are ever in memory.
    init(
        decoding strip: Picture, count: Int,
        as change: (Picture) throws(Vips.Failure) -> Picture
    ) throws(Vips.Failure) {
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

    func map(_ change: (Picture) throws(Vips.Failure) -> Picture) throws(Vips.Failure) -> Frames {
        var changed: [Picture] = []
        for picture in pictures { changed.append(try change(picture).evaluated()) }
        return Frames(changed)
    }

    /// One below the other, as encoders want them.
    func joined() throws(Vips.Failure) -> Picture {
        guard pictures.count > 1 else { return pictures[0] }
        var pointers: [Picture.Pointer?] = pictures.map(\.pointer)
        let strip = try Picture { multires_arrayjoin(&pointers, $0, Int32(pointers.count)) }
        vips_image_set_int(
            strip.pointer, VIPS_META_PAGE_HEIGHT, Int32(pictures[0].pixels.height))
        return strip
    }
}
