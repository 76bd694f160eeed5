import Model

/// An image in memory, in a form that can be resized and encoded.
protocol Bitmap {
    var pixels: PixelSize { get }
    /// The resolution of its colours, which is that of its pixels, or less.
    var chromaPixels: PixelSize { get }
    /// Without the other frames of an animation.
    var firstFrame: Self { get }

    /// The first frame for libvips: grey, or sRGB with or without alpha.
    func picture() throws(CodecError) -> Picture

    /// A part of it, resized.
    ///
    /// - Parameter chroma: what the encoder will keep; an image may ignore it and keep more.
    func resized(_ part: Rectangle, to size: PixelSize, _ chroma: Chroma) throws(CodecError) -> Self

    /// Encodes it in a format that browsers show, without any metadata.
    ///
    /// - Parameter chroma: what JPEG and AVIF keep.
    func encoded(
        as format: ImageFormat, _ settings: Preset.Encoding, _ chroma: Chroma
    ) throws(CodecError) -> [UInt8]
}
