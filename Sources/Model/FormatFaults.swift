/// A format that this machine's libraries currently cannot read or write, as a resizer has found.
public struct FormatFault: Sendable, Codable, Equatable {
    public enum Step: String, Sendable, Codable { case read, write }

    public let format: ImageFormat
    public let step: Step
    /// The libraries' message. For the log and `multires doctor`, never for an HTTP response.
    public let message: String

    /// The member names in run/formats.json, which an upgrade keeps: `words` is the old name of `message`.
    private enum CodingKeys: String, CodingKey {
        case format, step
        case message = "words"
    }

    public init(_ format: ImageFormat, _ step: Step, _ message: String) {
        self.format = format
        self.step = step
        self.message = message
    }

    /// For the operator: what does not work, and what to do about it.
    public var sentence: String {
        let what = step == .read ? "read" : "written"
        let reason = message.isEmpty ? "" : " (\(message))"
        return "\(format.name) images cannot be \(what)\(reason): \(remedy)."
    }

    private var remedy: String {
        switch (format, step) {
        case (.avif, .write): "from Debian 13 on, install libheif-plugin-aomenc"
        case (.avif, .read): "reinstall Debian's libavif and the libraries that it needs"
        default: "reinstall Debian's libvips and the libraries that it needs"
        }
    }
}

/// All faults of a machine; empty when every format works.
public struct FormatFaults: Sendable, Codable, Equatable {
    public let all: [FormatFault]

    public init(_ all: [FormatFault]) {
        self.all = all
    }

    public static let none = FormatFaults([])

    /// The fault because of which originals of this format get no variants; nil when they get them.
    public func fault(preventing original: ImageFormat, with preset: Preset) -> FormatFault? {
        // The placeholder is always a WebP.
        let written = Set(preset.sizes.map { $0.format(of: original) } + [.webp])
        return all.first {
            switch $0.step {
            case .read: $0.format == original
            case .write: written.contains($0.format)
            }
        }
    }

    /// The formats that uploads may have on this machine.
    public func formats(with preset: Preset) -> [ImageFormat] {
        ImageFormat.allCases.filter { fault(preventing: $0, with: preset) == nil }
    }
}

extension ImageFormat {
    /// As it is usually written, such as `JPEG` and `WebP`.
    public var name: String { self == .webp ? "WebP" : rawValue.uppercased() }
}
