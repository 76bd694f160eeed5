import Model

/// A grey image as one plane, or an image in JPEG's YCbCr (JFIF, full range) as three: luma, Cb and Cr.
struct PlanarImage: Bitmap {
    let pixels: PixelSize
    let chroma: Chroma
    let planes: [Plane]

    var isGrey: Bool { planes.count == 1 }
    var chromaPixels: PixelSize { isGrey ? pixels : chroma.size(of: pixels) }
    var firstFrame: PlanarImage { self }

    /// Resizes a part of it. Planes that stay the same are shared.
    func resized(
        _ part: Rectangle, to size: PixelSize, _ chroma: Chroma
    ) throws(CodecError) -> PlanarImage {
        let across = Double(part.size.width) / Double(size.width)
        let down = Double(part.size.height) / Double(size.height)
        let planes = try planes.enumerated().map { index, plane throws(CodecError) in
            let (old, new) = index == 0 ? (1, 1) : (self.chroma.step, chroma.step)
            let isSame =
                part == Rectangle(centred: pixels, in: pixels) && size == pixels && old == new
            return isSame
                ? plane
                : try plane.resampled(
                    to: index == 0 ? size : chroma.size(of: size),
                    PlaneResampler.Mapping(
                        columns: .init(
                            offset: Double(part.left) / Double(old),
                            scale: across * Double(new) / Double(old)),
                        rows: .init(
                            offset: Double(part.top) / Double(old),
                            scale: down * Double(new) / Double(old))))
        }
        return PlanarImage(pixels: size, chroma: chroma, planes: planes)
    }

    func encoded(
        as format: ImageFormat, _ settings: Preset.Encoding, _ chroma: Chroma
    ) throws(CodecError) -> [UInt8] {
        let whole = Rectangle(centred: pixels, in: pixels)
        let image = try resized(whole, to: pixels, chroma)
        guard format == .jpeg else {
            return try Frames([image.picture()]).encoded(as: format, settings, chroma)
        }
        return try image.jpeg(quality: settings.jpegQuality)
    }
}
