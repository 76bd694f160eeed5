import Foundation
import Support

/// A file's pixels as libvips' command decodes them, to compare.
struct Pixels {
    let width: Int
    let height: Int
    let bands: Int
    /// Eight bits each.
    let values: [UInt8]

    /// - Parameter options: of libvips' loader, as `n=-1`.
    init(of path: String, options: String = "", in folder: TemporaryFolder) throws {
        let raw = folder.file("\(UUID().uuidString).v")
        try Photos.vips(["copy", options.isEmpty ? path : "\(path)[\(options)]", raw])
        let bytes = try Photos.bytes(of: raw)
        try FileManager.default.removeItem(atPath: raw)
        // libvips' own format: a header of 64 bytes, little-endian numbers of four.
        func number(at offset: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        width = number(at: 4)
        height = number(at: 8)
        bands = number(at: 12)
        values = Array(bytes[64..<(64 + width * height * bands)])
    }

    /// Peak signal-to-noise ratio in dB: above 40 no eye sees a difference, below 20 it is another
    /// picture. Nil when they cannot be compared.
    func likeness(to other: Pixels) -> Double? {
        guard width == other.width, height == other.height, bands == other.bands else { return nil }
        var squares = 0
        for (mine, theirs) in zip(values, other.values) {
            let difference = Int(mine) - Int(theirs)
            squares += difference * difference
        }
        return 10 * log10(255 * 255 * Double(values.count) / Double(max(1, squares)))
    }

    /// Of one channel.
    func mean(_ band: Int) -> Double {
        let channel = stride(from: band, to: values.count, by: bands)
        return channel.reduce(0.0) { $0 + Double(values[$1]) } / Double(width * height)
    }
}
