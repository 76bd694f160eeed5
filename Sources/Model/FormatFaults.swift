/// One thing that this machine's libraries cannot do at present, as a resizer found out.
public struct FormatFault: Sendable, Codable, Equatable {
    public enum Step: String, Sendable, Codable { case read, write }

    public let format: ImageFormat
    public let step: Step
    /// Libraries' words: for the log and the doctor, never for an answer.
    public let words: String

    public init(_ format: ImageFormat, _ step: Step, _ words: String) {
        self.format = format
        self.step = step
        self.words = words
    }

    /// With what its operator can do about it.
    public var sentence: String {
        let what = step == .read ? "read" : "written"
        let reason = words.isEmpty ? "" : " (\(words))"
        return "\(format.name) pictures cannot be \(what)\(reason): \(remedy)."
    }

    private var remedy: String {
        switch (format, step) {
        case (.avif, .write): "from Debian 13 on, install libheif-plugin-aomenc"
        case (.avif, .read): "from Debian 13 on, install libheif-plugin-dav1d"
        default: "install Debian's libvips, and the libraries that it needs, again"
        }
    }
}

/// All of them; none on a machine where everything works.
public struct FormatFaults: Sendable, Codable, Equatable {
    public let all: [FormatFault]

    public init(_ all: [FormatFault]) {
        self.all = all
    }

    public static let none = FormatFaults([])

    /// Why originals of this format get no sizes; nil when they do.
    public func fault(preventing original: ImageFormat, with preset: Preset) -> FormatFault? {
        // The placeholder is a WebP, whatever the sizes are.
        let written = Set(preset.sizes.map { $0.format(of: original) } + [.webp])
        return all.first {
            switch $0.step {
            case .read: $0.format == original
            case .write: written.contains($0.format)
            }
        }
    }

    /// The formats that are taken.
    public func formats(with preset: Preset) -> [ImageFormat] {
        ImageFormat.allCases.filter { fault(preventing: $0, with: preset) == nil }
    }
}

extension ImageFormat {
    /// As people write it.
    public var name: String { self == .webp ? "WebP" : rawValue.uppercased() }
}
