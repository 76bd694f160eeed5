import Model
import Text

/// Text to paste into a page. Only for public images, since the signed URLs of a private one expire.
struct Embed: Encodable {
    let html: String
    let markdown: String
    /// Each width once (the variant with the fewest bytes), smallest first. Never the original: its links
    /// always expire. If the preset has several proportions, only the variants with those of the widest one.
    /// www/viewer/snippets.js has the same rule.
    let srcset: String

    init?(_ image: Image, _ sizes: [String: ImageDetail.Size]?) {
        guard image.visibility == .public, let sizes else { return nil }
        let variants = image.variants.compactMap { sizes[$0.name] }
            // By URL only so that the result is always the same.
            .sorted { ($0.width, $0.bytes, $0.url) < ($1.width, $1.bytes, $1.url) }
        var widths: Set<Int> = []
        let listed = variants.filter {
            $0.isScaled(variants[variants.count - 1]) && widths.insert($0.width).inserted
        }
        guard let largest = listed.last else { return nil }

        srcset = listed.map { "\($0.url) \($0.width)w" }.joined(separator: ", ")
        let alt = image.alt.escapedForHTML
        // `sizes`: as wide as the window, but not wider than the largest variant, which would be enlarged.
        // `width` and `height`: the browser reserves the area before the image is loaded. URLs need no
        // escapes: they contain MULTIRES_URL, which was checked, ids, and names of a preset's sizes.
        html = """
            <img src="\(largest.url)" srcset="\(srcset)" \
            sizes="(max-width: \(largest.width)px) 100vw, \(largest.width)px" \
            width="\(largest.width)" height="\(largest.height)" alt="\(alt)" loading="lazy">
            """
        markdown = "![\(image.alt.escapedForMarkdown)](\(largest.url))"
    }
}

extension ImageDetail.Size {
    /// Whether it has the other's proportions, within rounding, so that a browser may choose either.
    fileprivate func isScaled(_ other: ImageDetail.Size) -> Bool {
        abs(width * other.height - height * other.width) <= max(other.width, other.height)
    }
}

extension String {
    /// For text and double-quoted attributes (HTML, 13.1.2.3).
    var escapedForHTML: String {
        escaped {
            switch $0 {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: nil
            }
        }
    }

    /// For the text of a link (CommonMark, 2.4 and 6.3): on one line, with special characters escaped.
    var escapedForMarkdown: String {
        escaped {
            switch $0 {
            case "\n"..."\r", "\u{85}", "\u{2028}", "\u{2029}": " "
            case "\\", "[", "]", "`", "*", "_", "<", ">", "!", "&", "|": "\\\($0)"
            default: nil
            }
        }
    }
}
