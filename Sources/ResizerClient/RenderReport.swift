import Model

/// A resizer's answer: one line of JSON on its standard output.
public enum RenderReport: Sendable, Codable {
    case rendered(Rendering)
    /// The picture is at fault; another attempt would end alike.
    case unusable(RenderFailure)
    /// The machine is at fault (disk full, out of memory): worth another attempt.
    case failed(RenderFailure)
}

/// What a resizer answers that was started with `--formats`: one line of JSON.
public struct FormatReport: Sendable, Codable {
    public let faults: [FormatFault]
    /// Paths of what it was linked with and has loaded.
    public let libraries: [String]

    public init(faults: [FormatFault], libraries: [String]) {
        self.faults = faults
        self.libraries = libraries
    }
}
