import Foundation
import Model
import Support

@testable import Resizing

/// The pixels of an original in its own size: what is encoded as a variant, without the losses of an encoder.
struct Decoded {
    let width: Int
    let height: Int
    let bands: Int
    private let values: [UInt8]
    let original: Original

    init(_ path: String, as format: ImageFormat) throws {
        (original, values, width, height, bands) = try Resizer.trying {
            _ = Resizer.renderer
            let original = try Original(opening: path, as: format, within: Resizer.limits)
            let whole = Preset(sizes: [.init(name: "whole", box: original.upright, format: .png)])
            let plan = RenderPlan(for: original, fit: .inside, preset: whole)
            let picture = try original.decoded(for: plan).picture()
            return (
                original, Array(picture.bytes), picture.pixels.width, picture.pixels.height,
                picture.bands
            )
        }
    }

    init(_ bytes: [UInt8], as format: ImageFormat, in folder: TemporaryFolder) throws {
        let path = try Photos.write(bytes, to: folder.file("\(UUID().uuidString).\(format)"))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try self.init(path, as: format)
    }

    subscript(x: Int, y: Int) -> [Int] {
        values[(y * width + x) * bands..<(y * width + x + 1) * bands].map(Int.init)
    }

    /// The mean of each channel in a part, which is the whole image if it is left out.
    func means(_ columns: Range<Int>? = nil, _ rows: Range<Int>? = nil) -> [Double] {
        let (columns, rows) = (columns ?? 0..<width, rows ?? 0..<height)
        var sums = Array(repeating: 0, count: bands)
        for y in rows {
            for x in columns {
                for band in 0..<bands { sums[band] += Int(values[(y * width + x) * bands + band]) }
            }
        }
        return sums.map { Double($0) / Double(columns.count * rows.count) }
    }

    /// All values without alpha.
    var colours: [UInt8] {
        let channels = bands - (bands % 2 == 0 ? 1 : 0)
        return values.indices.filter { $0 % bands < channels }.map { values[$0] }
    }
}
