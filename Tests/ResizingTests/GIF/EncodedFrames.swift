import Foundation
import Model
import Support

@testable import Resizing

/// Frames of known pixels, encoded as a GIF.
struct EncodedFrames {
    var size: PixelSize
    /// 1: grey, 2: grey and alpha, 3: RGB, 4: RGBA.
    var bands = 4
    /// The bytes of each frame.
    var frames: [[UInt8]]
    var delays: [Int] = []
    var plays = 0
    var effort = 3

    init(_ width: Int, _ height: Int, bands: Int = 4, _ frames: [[UInt8]]) {
        size = PixelSize(width: width, height: height)
        (self.bands, self.frames) = (bands, frames)
    }

    var gif: [UInt8] {
        get throws {
            // Starts libvips.
            _ = Resizer.renderer
            return try Resizer.trying {
                let pictures = try frames.map { bytes in
                    try Picture(copying: bytes, size, bands: bands)
                }
                if pictures.count > 1 { pictures[0].setTiming(delays: delays, plays: plays) }
                return try Frames(pictures).gif(effort: effort)
            }
        }
    }

    /// What the GIF must show if no colour has to be replaced: RGBA, with an alpha of 0 or 255.
    var shown: [[UInt8]] {
        frames.map { frame in
            stride(from: 0, to: frame.count, by: bands).flatMap { start -> [UInt8] in
                let pixel = frame[start..<start + bands]
                if bands % 2 == 0, pixel[start + bands - 1] < 128 { return [0, 0, 0, 0] }
                let grey = [UInt8](repeating: pixel[start], count: 3)
                return (bands < 3 ? grey : Array(pixel.prefix(3))) + [255]
            }
        }
    }

    /// Whether a GIF shows exactly the frames. Not `==` in `#expect`, which takes minutes to describe the
    /// difference of many pixels.
    func areShown(by gif: [UInt8]) throws -> Bool { try GIFMaker.decoded(gif) == shown }

    /// A frame of RGBA pixels, each one of some colours.
    ///
    /// - Parameter colours: the red of each is its position. There are at most 256.
    static func noise(
        _ count: Int, of colours: Int, transparent: Bool = false, _ numbers: inout SeededNumbers
    ) -> [UInt8] {
        (0..<count).flatMap { position -> [UInt8] in
            // All of them occur, if there are enough pixels.
            let colour = UInt8(
                position < colours ? position : Int.random(in: 0..<colours, using: &numbers))
            let isTransparent = transparent && Int.random(in: 0..<3, using: &numbers) == 0
            return [
                colour, 255 - colour, colour &* 7, isTransparent && position >= colours ? 0 : 255,
            ]
        }
    }

    /// A photograph, RGB.
    static func photo(width: Int, height: Int, in folder: TemporaryFolder) throws -> [UInt8] {
        try Pixels(of: Photos.pixels(width: width, height: height, in: folder), in: folder).values
    }

    /// Peak signal-to-noise ratio in dB of opaque frames.
    static func likeness(_ shown: [[UInt8]], to frames: [[UInt8]]) -> Double {
        var (squares, count) = (0, 0)
        for (shown, frame) in zip(shown, frames) {
            for position in shown.indices {
                let difference = Int(shown[position]) - Int(frame[position])
                squares += difference * difference
            }
            count += shown.count / 4 * 3
        }
        return 10 * log10(255 * 255 * Double(count) / Double(max(1, squares)))
    }
}
