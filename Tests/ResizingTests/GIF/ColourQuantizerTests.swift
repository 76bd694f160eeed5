import Support
import Testing

@testable import Resizing

@Suite struct ColourQuantizerTests {
    @Test("Every pixel gets the nearest colour of its frame's palette", arguments: [300, 2000])
    func nearest(_ colours: Int) throws {
        for seed in Fuzz.seeds(2) {
            var numbers = SeededNumbers(seed)
            let table = (0..<colours).map { _ in
                (0..<3).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            }
            let pixels = (0..<50 * 50).flatMap { _ in table.randomElement(using: &numbers) ?? [] }
            let frames = EncodedFrames(50, 50, bands: 3, [pixels, pixels.reversed(by: 3)])
            let file = try GIFFile(try frames.gif)
            let (shown, all) = (try GIFMaker.decoded(file).shown, frames.shown)
            for (index, frame) in file.frames.enumerated() {
                var bytes = file.bytes[try #require(file.colours(of: frame))].map { Int($0) }
                // The global palette has room for a transparent index, which is no colour.
                if index == 0 { bytes.removeLast(3) }
                let wrong = stride(from: 0, to: 10_000, by: 4).filter { start in
                    let (pixel, replaced) = (
                        all[index][start..<start + 4], shown[index][start..<start + 4]
                    )
                    return distance(pixel, replaced) > least(from: pixel, to: bytes)
                }
                #expect(wrong.isEmpty, "seed \(seed), frame \(index)")
            }
        }
    }

    private func distance(_ pixel: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Int {
        zip(pixel, other).prefix(3).reduce(0) {
            $0 + (Int($1.0) - Int($1.1)) * (Int($1.0) - Int($1.1))
        }
    }

    private func least(from pixel: ArraySlice<UInt8>, to palette: [Int]) -> Int {
        let values = pixel.prefix(3).map { Int($0) }
        return stride(from: 0, to: palette.count, by: 3).map { start in
            (0..<3).reduce(0) {
                let difference = palette[start + $1] - values[$1]
                return $0 + difference * difference
            }
        }.min() ?? 0
    }

    @Test("The search finds the nearest colour from every start")
    func search() {
        for seed in Fuzz.seeds(20) {
            var numbers = SeededNumbers(seed)
            func colour() -> SIMD4<Float> {
                SIMD4(
                    SIMD3(
                        (0..<3).map { _ in Float(Int.random(in: 0...255, using: &numbers)) }), 0)
            }
            let palette = (0..<Int.random(in: 1...256, using: &numbers)).map { _ in colour() }
            let search = NearestColour(palette)
            for _ in 0..<200 {
                let wanted = colour()
                let distances = palette.map { (($0 - wanted) * ($0 - wanted)).sum() }
                let start = UInt8.random(in: 0...UInt8(palette.count - 1), using: &numbers)
                for found in [search.index(for: wanted), search.index(for: wanted, near: start)] {
                    #expect(distances[Int(found)] == distances.min(), "seed \(seed)")
                }
            }
        }
    }

    @Test("Weights count: the palette fits the colours that occur most often")
    func weights() {
        var colours = (0..<1000).map { SIMD4<Float>(Float($0 % 10), Float($0 / 100), 50, 1) }
        colours += (0..<8).map { SIMD4(200, 100, Float($0 * 4), 1_000_000) }
        let (palette, nearest) = ColourQuantizer(steps: 2).palette(of: colours, limit: 9)
        #expect(palette.count == 9)
        for index in 1000..<1008 {
            let colour = palette[Int(nearest[index])]
            #expect(
                colour.x == 200 && colour.y == 100 && colour.z == colours[index].z, "\(index)")
        }
    }

    @Test("Colours are counted exactly, in groups of 2 x 2 x 2 and of 4 x 4 x 4")
    func histogram() {
        var numbers = SeededNumbers(5)
        var histogram = ColourHistogram()
        // The third time as the first, after the groups.
        for (range, isExact, most) in [
            (15, true, 4096), (60, false, 16_384), (255, false, 262_144), (15, true, 4096),
        ] {
            var sums = SIMD3<Int>()
            let pixels = (0..<200_000).map { _ -> UInt32 in
                guard Int.random(in: 0..<9, using: &numbers) > 0 else { return 0 }
                let values = (0..<3).map { _ in Int.random(in: 0...range, using: &numbers) }
                sums &+= SIMD3(values[0], values[1], values[2])
                return 0xFF00_0000 | UInt32(values[0] | values[1] << 8 | values[2] << 16)
            }
            histogram.count(pixels)
            #expect(histogram.isExact == isExact)
            #expect(histogram.colours.count <= most)
            let count = histogram.colours.reduce(0) { $0 + Int($1.w) }
            #expect(count == pixels.filter { $0 != 0 }.count)
            for band in 0..<3 {
                let sum = histogram.colours.reduce(0.0) { $0 + Double($1[band] * $1.w) }
                #expect(abs(sum - Double(sums[band])) < 100)
            }
        }
    }
}
