import Model
import Text

/// The last part of a picture's address: `<size>.<revision>.<ext>` or `original.<ext>`. The same
/// names that nginx/include/media.conf lets pass, none of which leads out of a folder.
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
        } else if parts.count == 3, !parts[0].isSame(as: "original"), format != .heic,
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

    private static func isMade(_ text: Substring, of alphabet: String) -> Bool {
        !text.isEmpty && text.isMade(of: alphabet)
    }
}
