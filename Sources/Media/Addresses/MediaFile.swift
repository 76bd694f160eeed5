import Model
import Text

/// The last part of an image's address: `<size>.<revision>.<ext>` or `original.<ext>`. No such name leads
/// out of its folder.
public enum MediaFile: Hashable, Sendable {
    case variant(name: String, ImageFormat)
    case original(ImageFormat)

    /// Nil for anything else.
    public init?(_ name: String) {
        let parts = name.parts(separatedBy: ".")
        guard
            let format = ImageFormat.allCases.first(where: {
                $0.fileExtension.isSame(as: parts.last ?? "")
            })
        else { return nil }
        if parts.count == 2, parts[0].isSame(as: "original") {
            self = .original(format)
        } else if parts.count == 3, !parts[0].isSame(as: "original"),
            Self.variantFormats.contains(format),
            Self.isMade(parts[0], of: "abcdefghijklmnopqrstuvwxyz0123456789_-"),
            Self.isMade(parts[1], of: "0123456789abcdef")
        {
            self = .variant(name: name, format)
        } else {
            return nil
        }
    }

    public var format: ImageFormat {
        switch self {
        case .variant(_, let format), .original(let format): format
        }
    }

    private static let variantFormats = ImageFormat.allCases.filter { $0 != .heic }

    /// The same rule as regular expressions (PCRE), and the media types of the files, for the templates of
    /// nginx's and Apache's files.
    public static var templateValues: [String: String] {
        func endings(_ formats: [ImageFormat]) -> String {
            formats.map(\.fileExtension).joined(separator: "|")
        }
        return [
            // An id (RFC 9562) without its last two digits, and these two digits.
            "ID_START": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{10}",
            "ID_SHARD": "[0-9a-f]{2}",
            "VARIANT_NAME":
                #"(?!original\.)[a-z0-9_-]+\.[0-9a-f]+\.(?:\#(endings(variantFormats)))"#,
            "ORIGINAL_FORMATS": endings(ImageFormat.allCases),
            "MEDIA_TYPES": ImageFormat.allCases.map {
                "    \($0.mediaType) \($0.fileExtension);"
            }.joined(separator: "\n"),
        ]
    }

    private static func isMade(_ text: Substring, of alphabet: String) -> Bool {
        !text.isEmpty && text.isMade(of: alphabet)
    }
}
