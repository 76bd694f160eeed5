import CVips
import Foundation
import Model
import ResizerClient
import Support

@testable import Resizing

/// What a variant should look like: a part of the original, resized in one step by Lanczos 3 in floating point.
struct LanczosReference {
    let pixels: PixelSize
    /// Red, green and blue, or grey, of each pixel.
    private let values: [Float]
    private let bands: Int

    /// - Parameter crop: of the upright original, from its centre.
    init(_ path: String, as format: ImageFormat, crop: PixelSize, to size: PixelSize) throws {
        let original = try Original(opening: path, as: format, within: Resizer.limits)
        let upright = try original.reader(shrink: 1).next(rows: original.stored.height)
            .inSRGB(from: original.colour).upright().evaluated()
        let part = try upright.cropped(to: Rectangle(centred: crop, in: upright.pixels))
        let resized = try Picture {
            multires_cast(part.pointer, $0, VIPS_FORMAT_FLOAT)
        }
        let across = Double(size.width) / Double(crop.width)
        let down = Double(size.height) / Double(crop.height)
        let result = try Picture {
            multires_resize(resized.pointer, $0, across, down, VIPS_KERNEL_LANCZOS3)
        }.evaluated()
        pixels = result.pixels
        bands = result.bands
        let count = pixels.width * pixels.height * bands
        values = Array(
            UnsafeBufferPointer(
                start: vips_image_get_data(result.pointer)?.assumingMemoryBound(to: Float.self),
                count: count))
    }

    /// Peak signal-to-noise ratio of a file in dB; nil if its size is another one.
    func likeness(to path: String, as format: ImageFormat) throws -> Double? {
        let file = try Original(opening: path, as: format, within: Resizer.limits)
        let picture = try file.reader(shrink: 1).next(rows: file.stored.height).evaluated()
        guard picture.pixels == pixels else { return nil }
        let bytes = picture.bytes
        var squares = 0.0
        for index in 0..<pixels.width * pixels.height {
            for band in 0..<bands {
                let value = bytes[index * picture.bands + min(band, picture.bands - 1)]
                let difference =
                    Double(min(255, max(0, values[index * bands + band]))) - Double(value)
                squares += difference * difference
            }
        }
        return 10 * log10(255 * 255 * Double(values.count) / max(1, squares))
    }
}
