import Support
import Testing

@testable import Resizing

@Suite struct LZWEncoderTests {
    @Test("Every number of pixels is decoded again, and the end code follows the last one")
    func lengths() throws {
        for colours in [1, 2, 4, 5, 16, 100, 256] {
            for count in Array(1...300) + [511, 512, 1023, 1024, 3000, 4095, 4096, 9000] {
                var numbers = SeededNumbers(UInt64(count))
                let frames = EncodedFrames(
                    count, 1, [EncodedFrames.noise(count, of: min(count, colours), &numbers)])
                try check(frames)
            }
        }
    }

    @Test("A full table of 4096 codes is used and replaced", arguments: 2...8)
    func fullTable(_ bits: Int) throws {
        var numbers = SeededNumbers(UInt64(bits))
        let colours = 1 << bits
        // Noise, for which a full table stays good, then other contents, for which it does not.
        var pixels = EncodedFrames.noise(200_000, of: colours, &numbers)
        for part in 1...4 {
            for position in 0..<50_000 {
                let colour = UInt8(position / part % colours / part)
                pixels += [colour, 255 - colour, colour &* 7, 255]
            }
            pixels += EncodedFrames.noise(10_000, of: colours / 2, &numbers)
        }
        try check(EncodedFrames(1000, 440, [pixels]))
    }

    @Test("Runs are short: a row of one colour needs a code for each 1, 2, 3 ... pixels")
    func runs() throws {
        let row = (0..<60_000).flatMap { _ in [9, 9, 9, 255] as [UInt8] }
        let frames = EncodedFrames(60_000, 1, [row])
        try check(frames)
        #expect(try frames.gif.count < 600)
    }

    @Test("Noise needs at most 12 bits per pixel, and a clear code for 256 of them")
    func worst() throws {
        var numbers = SeededNumbers(3)
        let count = 300_000
        let frames = EncodedFrames(
            1000, 300, [EncodedFrames.noise(count, of: 256, &numbers)])
        try check(frames)
        #expect(try frames.gif.count < count * 12 * 257 / 256 / 8 * 256 / 255 + 1000)
    }

    private func check(_ frames: EncodedFrames) throws {
        let file = try GIFFile(try frames.gif)
        #expect(try frames.areShown(by: file.bytes), "\(frames.size)")
        // Rewriting sets the end code behind the last pixel.
        let isSame = try file.withoutMetadata(file.codeEnds()) == file.bytes
        #expect(isSame, "\(frames.size)")
    }
}
