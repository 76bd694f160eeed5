import Model

/// The worker's request to a resizer: one line of JSON on its standard input.
public struct RenderRequest: Sendable, Codable {
    /// Absolute path of the original.
    public let original: String
    public let format: ImageFormat
    public let fit: Fit
    /// Absolute path of an existing empty folder. Files are named `Variant.fileName`.
    public let folder: String
    public let preset: Preset
    public let limits: RenderLimits
    /// How many threads may work on it at once, 1 or more.
    public let threads: Int
    /// The id of the HTTP request that caused it, for the log.
    public let requestID: String?

    public init(
        original: String, format: ImageFormat, fit: Fit, folder: String, preset: Preset,
        limits: RenderLimits, threads: Int = 1, requestID: String? = nil
    ) {
        (self.original, self.format, self.fit, self.folder) = (original, format, fit, folder)
        (self.preset, self.limits, self.threads) = (preset, limits, threads)
        self.requestID = requestID
    }
}
