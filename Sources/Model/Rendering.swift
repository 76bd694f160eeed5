/// What the worker asks of a resizer: one line of JSON on its standard input.
public struct RenderOrder: Sendable, Codable {
    /// Absolute path of the original.
    public let original: String
    public let format: ImageFormat
    public let fit: Fit
    /// Absolute path of an existing empty folder. Files are named `Variant.fileName`.
    public let folder: String
    public let preset: Preset
    public let limits: RenderLimits
    /// How many may work on it at once, 1 or more.
    public let threads: Int
    /// The request that asked for it, for the log.
    public let requestID: String?

    public init(
        original: String, format: ImageFormat, fit: Fit, folder: String, preset: Preset,
        limits: RenderLimits, threads: Int = 1, requestID: String? = nil
    ) {
        self.original = original
        self.format = format
        self.fit = fit
        self.folder = folder
        self.preset = preset
        self.limits = limits
        self.threads = threads
        self.requestID = requestID
    }
}

/// Checked against a picture's header before a pixel is decoded.
public struct RenderLimits: Sendable, Codable, Equatable {
    /// Width times height.
    public var pixels: Int
    /// Either side, in pixels.
    public var side: Int
    /// Frames times width times height.
    public var animatedPixels: Int
    /// Width times height of a progressive JPEG or interlaced PNG, which cannot be streamed.
    public var interlacedPixels: Int
    /// Frames of an animation.
    public var frames: Int
    /// Scans of a progressive JPEG, each of which goes through all pixels.
    public var scans: Int

    public init(
        pixels: Int, side: Int, animatedPixels: Int, interlacedPixels: Int, frames: Int, scans: Int
    ) {
        self.pixels = pixels
        self.side = side
        self.animatedPixels = animatedPixels
        self.interlacedPixels = interlacedPixels
        self.frames = frames
        self.scans = scans
    }
}

/// What a resizer made of an order.
public struct Rendering: Sendable, Codable {
    /// The original, upright.
    public let pixels: PixelSize
    public let variants: [Variant]
    public let placeholder: String?

    public init(pixels: PixelSize, variants: [Variant], placeholder: String?) {
        self.pixels = pixels
        self.variants = variants
        self.placeholder = placeholder
    }
}

/// Why there are no sizes: part of the API, so `code` is stable and `sentence` is for people.
public struct RenderFailure: Error, Hashable, Sendable, Codable {
    public let code: String
    public let sentence: String

    public init(code: String, sentence: String) {
        self.code = code
        self.sentence = sentence
    }
}

/// A resizer's answer: one line of JSON on its standard output.
public enum RenderReport: Sendable, Codable {
    case rendered(Rendering)
    /// The picture is at fault; another attempt would end alike.
    case unusable(RenderFailure)
    /// The machine is at fault (disk full, out of memory): worth another attempt.
    case failed(RenderFailure)
}
