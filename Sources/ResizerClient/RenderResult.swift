import Model

/// A resizer's report about one image: one line of JSON on its standard output.
public enum RenderResult: Sendable, Codable {
    case rendered(Rendering)
    /// The image is the cause: another attempt would fail in the same way.
    case imageFailed(RenderFailure)
    /// The machine is the cause (disk full, out of memory): another attempt may succeed.
    case failed(RenderFailure)

    private enum CodingKeys: String, CodingKey {
        case rendered
        case imageFailed = "unusable"
        case failed
    }
}

/// The report of a resizer that was started with `--formats`: one line of JSON.
public struct FormatReport: Sendable, Codable {
    public let faults: [FormatFault]
    /// Paths of the program and the libraries that it has loaded.
    public let libraries: [String]

    public init(faults: [FormatFault], libraries: [String]) {
        self.faults = faults
        self.libraries = libraries
    }
}
