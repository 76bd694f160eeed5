/// Limits that are checked against an image's header before a pixel is decoded.
public struct RenderLimits: Sendable, Codable, Equatable {
    /// Width times height.
    public var pixels: Int
    /// Pixels of either side.
    public var side: Int
    /// Frames times width times height.
    public var animatedPixels: Int
    /// Width times height of a progressive JPEG or interlaced PNG, which cannot be streamed.
    public var interlacedPixels: Int
    /// Frames of an animation.
    public var frames: Int
    /// Scans of a progressive JPEG, each of which costs a pass over all pixels.
    public var scans: Int

    public init(
        pixels: Int, side: Int, animatedPixels: Int, interlacedPixels: Int, frames: Int, scans: Int
    ) {
        (self.pixels, self.side, self.animatedPixels) = (pixels, side, animatedPixels)
        (self.interlacedPixels, self.frames, self.scans) = (interlacedPixels, frames, scans)
    }
}
