import Foundation
import Model
import Support

/// The pixels of a file as libvips' command decodes them, for comparisons.
struct Pixels {
    let width: Int
    let height: Int
    let bands: Int
    /// Eight bits each.
    let values: [UInt8]

    /// - Parameter options: of libvips' loader, such as `n=-1`.
    init(of path: String, options: String = "", in folder: TemporaryFolder) throws {
        let raw = folder.file("\(UUID().uuidString).v")
        try Photos.vips(["copy", options.isEmpty ? path : "\(path)[\(options)]", raw])
        let bytes = try Photos.bytes(of: raw)
        try FileManager.default.removeItem(atPath: raw)
        // libvips' own format: a header of 64 bytes with little-endian numbers of four bytes.
        func number(at offset: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        width = number(at: 4)
        height = number(at: 8)
        bands = number(at: 12)
        values = Array(bytes[64..<(64 + width * height * bands)])
    }

    /// Peak signal-to-noise ratio in dB: above 40 no difference is visible, below 20 it is another image.
    /// Nil when the sizes or the numbers of bands differ.
    func likeness(to other: Pixels) -> Double? {
        guard width == other.width, height == other.height, bands == other.bands else { return nil }
        var squares = 0
        values.withUnsafeBufferPointer { mine in
            other.values.withUnsafeBufferPointer { theirs in
                // An index instead of zip, which takes ten times as long in debug builds.
                var index = 0
                while index < mine.count {
                    let difference = Int(mine[index]) &- Int(theirs[index])
                    squares &+= difference &* difference
                    index &+= 1
                }
            }
        }
        return 10 * log10(255 * 255 * Double(values.count) / Double(max(1, squares)))
    }

    /// The centre of an image, resized to `size` by libvips' command from all its pixels in one step.
    static func reference(
        _ path: String, crop: PixelSize, to size: PixelSize, in folder: TemporaryFolder
    ) throws -> Pixels {
        let whole = try Photos.size(of: path)
        let middle = folder.file("\(UUID().uuidString).v")
        let reference = folder.file("\(UUID().uuidString).png")
        try Photos.vips([
            "crop", path, middle, "\((whole.width - crop.width) / 2)",
            "\((whole.height - crop.height) / 2)", "\(crop.width)", "\(crop.height)",
        ])
        try Photos.vips([
            "resize", middle, reference, "\(Double(size.width) / Double(crop.width))",
            "--vscale", "\(Double(size.height) / Double(crop.height))",
        ])
        return try Pixels(of: reference, in: folder)
    }

    /// The mean value of one channel.
    func mean(_ band: Int) -> Double {
        let channel = stride(from: band, to: values.count, by: bands)
        return channel.reduce(0.0) { $0 + Double(values[$1]) } / Double(width * height)
    }
}
