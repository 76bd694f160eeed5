/// Dithers a still image: a part of the error of each pixel's colour is added to its neighbours (Floyd and
/// Steinberg), so that gradients have no visible bands. A colour of the palette is not changed, which keeps
/// the background of text and drawings clean.
struct ErrorDiffusion {
    private let palette: [SIMD4<Float>]
    private let search: NearestColour

    /// The part of the error. With 0.6, photographs are smaller and closer to the original than with libvips'
    /// "dither 0.5", both pixel by pixel and blurred; with more, only blurred.
    private static let strength: Float = 0.6

    init(_ palette: [SIMD4<Float>]) {
        self.palette = palette
        search = NearestColour(palette)
    }

    /// Goes through the rows alternately from left to right and from right to left.
    ///
    /// - Parameters:
    ///   - pixels: RGBA with red in the lowest byte; 0 is transparent.
    ///   - indexes: of the palette colour of each pixel, without dithering.
    func dither(_ pixels: [UInt32], width: Int, _ indexes: inout [UInt8]) {
        // One element more at both ends, so that every pixel has neighbours.
        var errors = [SIMD4<Float>](repeating: SIMD4(), count: width + 2)
        var below = errors
        var ahead = 1
        for start in stride(from: 0, to: pixels.count, by: width) {
            var x = ahead > 0 ? 1 : width
            for _ in 0..<width {
                let position = start + x - 1
                let colour = ColourHistogram.colour(pixels[position])
                let index = indexes[position]
                if pixels[position] != 0, palette[Int(index)] != colour {
                    let wanted = (colour + errors[x]).clamped(
                        lowerBound: SIMD4(), upperBound: SIMD4(repeating: 255))
                    let nearest = search.index(for: wanted, near: index)
                    indexes[position] = nearest
                    let error = (wanted - palette[Int(nearest)]) * (Self.strength / 16)
                    errors[x + ahead] += error * 7
                    below[x - ahead] += error * 3
                    below[x] += error * 5
                    below[x + ahead] += error
                }
                x += ahead
            }
            swap(&errors, &below)
            for x in below.indices { below[x] = SIMD4() }
            ahead = -ahead
        }
    }
}
