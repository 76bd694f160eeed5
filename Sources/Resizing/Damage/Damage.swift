import Model

/// Why a file does not define all pixels of its image, in words for the log.
struct Damage: Error {
    let words: String
}

/// What a file's own structure says about the pixels in it. Decoders differ: some refuse a file that
/// lacks only its end marker, others fill what is missing. The rule is one for every format: a file
/// whose data does not define all pixels is damaged, one that lacks only an end marker, or has a wrong
/// checksum over complete data, is not.
enum Repair {
    /// The same image as a file that a decoder accepts. For a file that a decoder has refused: what it
    /// takes is time that intact files do not need.
    ///
    /// - Parameter pixels: more than these are not looked at.
    static func repaired(
        _ file: [UInt8], as format: ImageFormat, pixels: Int
    ) throws(Damage) -> [UInt8] {
        switch format {
        case .jpeg: try JPEGFile.repaired(file)
        case .png: try PNGFile.repaired(file, pixels: pixels)
        case .gif: try GIFFile.repaired(file)
        case .webp: try WebPFile.repaired(file)
        case .avif, .heic: throw Damage(words: "")
        }
    }
}
