import Model

/// Why a file does not define all pixels of its image, as text for the log.
struct Damage: Error {
    let message: String
}

/// Repairs files by their own structure. Decoders differ: some refuse a file that lacks only its end marker,
/// others fill in what is missing. The rule here is the same for every format: a file whose data does not
/// define all pixels is damaged; one that lacks only an end marker, or has a wrong checksum over complete
/// data, is not.
enum Repair {
    /// The same image as a file that a decoder accepts. Call it only for a file that a decoder has refused,
    /// so that intact files do not take that time.
    ///
    /// - Parameter pixels: a PNG with more pixels is not repaired.
    static func repaired(
        _ file: [UInt8], as format: ImageFormat, pixels: Int
    ) throws(Damage) -> [UInt8] {
        switch format {
        case .jpeg: try JPEGFile.repaired(file)
        case .png: try PNGFile.repaired(file, pixels: pixels)
        case .webp: try WebPFile.repaired(file)
        case .gif, .avif, .heic: throw Damage(message: "")
        }
    }
}
