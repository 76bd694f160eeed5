import Model

extension ImageFormat {
    /// The number of bytes that `init(sniffing:)` looks at.
    public static let sniffedBytes = 512

    /// The format that a file's first bytes claim; nil for one that is not accepted. This only refuses other
    /// files early: whether a file is an image is known after it was decoded.
    ///
    /// - Parameter head: the first `sniffedBytes`, or the whole file when it is shorter.
    public init?(sniffing head: [UInt8]) {
        func text(_ range: Range<Int>) -> String {
            String(
                decoding: head.prefix(range.upperBound).dropFirst(range.lowerBound), as: UTF8.self)
        }
        if head.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if text(0..<4) == "RIFF", text(8..<15) == "WEBPVP8" {
            self = .webp
        } else if ["GIF87a", "GIF89a"].contains(text(0..<6)) {
            self = .gif
        } else if text(4..<8) == "ftyp", let format = Self.heif(head, brand: text) {
            self = format
        } else {
            return nil
        }
    }

    /// ISO/IEC 14496-12, section 4.3: length of the box, `ftyp`, major brand, minor version, then
    /// compatible brands to the box's end; all four bytes each.
    ///
    /// Some major brands (ISO/IEC 23008-12 and 23000-22) do not name the codec, so the compatible brands decide.
    private static func heif(
        _ head: [UInt8], brand: (Range<Int>) -> String
    ) -> ImageFormat? {
        let length = head.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard length >= 16, length % 4 == 0, head.count >= min(length, sniffedBytes) else {
            return nil
        }
        switch brand(8..<12) {
        case "avif", "avis": return .avif
        case let major where hevc.contains(major): return .heic
        case let major where general.contains(major):
            let compatible = stride(from: 16, to: min(length, sniffedBytes), by: 4)
                .map { brand($0..<$0 + 4) }
            if compatible.contains("avif") || compatible.contains("avis") { return .avif }
            return compatible.contains(where: hevc.contains) ? .heic : nil
        default: return nil
        }
    }

    /// Images and sequences of any codec, MIAF, and its profiles.
    private static let general: Set<String> = [
        "mif1", "mif2", "msf1", "miaf", "MA1A", "MA1B", "MiHA", "MiHB", "MiHE",
    ]

    /// HEVC: images, then sequences, of which the first image is used.
    private static let hevc: Set<String> = [
        "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs",
    ]
}
