import Model
import Support
import Testing

@testable import Resizing

@Suite struct GIFCanvasTests {
    @Test(
        "The canvas is what the header says, and what no frame covers is transparent",
        arguments: [
            (640, 480), (640, 512), (800, 600), (1024, 768), (1280, 1024), (1600, 1200), (2100, 9),
            (9, 2100), (60, 40),
        ], [nil, 3 as UInt8])
    func canvas(_ size: (width: Int, height: Int), _ transparent: UInt8?) throws {
        for count in 1...2 {
            var gif = GIFMaker(width: size.width, height: size.height)
            for index in 0..<count {
                var frame = GIFMaker.Frame(5, 4, atLeft: 3 + index, top: 2, of: 1)
                frame.pixels[7] = transparent ?? 0
                frame.transparent = transparent
                gif.frames.append(frame)
            }
            let file = try GIFFile(gif.bytes)
            #expect(file.canvas == PixelSize(width: size.width, height: size.height))
            let (shown, canvas) = try GIFMaker.decoded(file)
            #expect(shown == gif.shown)
            #expect(!canvas.isOpaque)
        }
    }

    @Test("A first frame that reaches beyond the canvas enlarges it; a later one is clipped")
    func beyond() throws {
        var gif = GIFMaker(width: 10, height: 10)
        gif.frames = [
            .init(12, 5, atLeft: 4, top: 1, of: 1), .init(30, 3, atLeft: 9, top: 8, of: 2),
            .init(3, 3, atLeft: 200, top: 100, of: 3),
        ]
        let file = try GIFFile(gif.bytes)
        #expect(file.canvas == PixelSize(width: 16, height: 10))
        #expect(try GIFMaker.decoded(file).shown == gif.shown)
        // A screen of 0 x 0 pixels gets the size of the first frame.
        (gif.width, gif.height) = (0, 0)
        #expect(try GIFFile(gif.bytes).canvas == PixelSize(width: 16, height: 6))
    }

    @Test("A frame stays, is cleared or is undone", arguments: 0...7)
    func disposal(_ disposal: Int) throws {
        var gif = GIFMaker(width: 20, height: 16)
        gif.frames = [
            .init(20, 16, of: 1), .init(9, 9, atLeft: 5, top: 4, of: 2),
            .init(4, 4, atLeft: 12, top: 2, of: 3),
        ]
        for index in [[0], [1], [0, 1]] {
            var changed = gif
            for frame in index { changed.frames[frame].disposal = disposal }
            let (shown, canvas) = try GIFMaker.decoded(try GIFFile(changed.bytes))
            #expect(shown == changed.shown)
            let isOpaque = changed.shown.allSatisfy { pixels in
                stride(from: 3, to: pixels.count, by: 4).allSatisfy { pixels[$0] == 255 }
            }
            #expect(!canvas.isOpaque || isOpaque)
            #expect(canvas.isOpaque || disposal == 2 || (2...4 ~= disposal && index.contains(0)))
        }
    }

    @Test("Interlaced rows are at their places", arguments: 1...20)
    func interlaced(_ height: Int) throws {
        var gif = GIFMaker(width: 3, height: height, palette: Self.grey)
        var frame = GIFMaker.Frame(3, height, of: 0)
        frame.pixels = (0..<3 * height).map { UInt8($0) }
        frame.isInterlaced = true
        gif.frames = [frame]
        #expect(try GIFMaker.decoded(gif.bytes) == gif.shown)
        gif.frames.append(frame)
        #expect(try GIFMaker.decoded(gif.bytes) == gif.shown)
    }

    @Test("An index that no palette defines is black, as in Chromium")
    func palettes() throws {
        var gif = GIFMaker(width: 2, height: 2)
        var frame = GIFMaker.Frame(2, 2, of: 0)
        frame.pixels = [0, 1, 2, 200]
        var local = frame
        local.palette = [[1, 2, 3], [4, 5, 6]]
        gif.frames = [frame, local]
        #expect(try GIFMaker.decoded(gif.bytes) == gif.shown)
        gif.palette = nil
        #expect(try GIFMaker.decoded(gif.bytes) == gif.shown)
    }

    @Test("Random animations are shown as a simple program shows them")
    func fuzzRandom() throws {
        for seed in Fuzz.seeds(300) {
            var numbers = SeededNumbers(seed)
            let gif = GIFMaker.random(&numbers)
            let file = try GIFFile(gif.bytes)
            let (shown, canvas) = try GIFMaker.decoded(file)
            #expect(shown == gif.shown, "seed \(seed)")
            // Without metadata.
            let rewritten = try GIFFile(file.withoutMetadata(canvas.ends))
            #expect(try GIFMaker.decoded(rewritten).shown == shown, "seed \(seed)")
            #expect(rewritten.canvas == file.canvas)
            #expect(rewritten.delays == file.delays)
            #expect(rewritten.plays == file.plays)
        }
    }

    static let grey = (0...255 as ClosedRange<UInt8>).map { [$0, $0, $0] }
}

extension GIFMaker {
    static func random(_ numbers: inout SeededNumbers) -> GIFMaker {
        func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &numbers) }
        let palette = GIFCanvasTests.grey.map { [$0[0], 255 - $0[0], 99] }
        var gif = GIFMaker(width: number(0...50), height: number(0...50), palette: palette)
        gif.loops = [nil, 0, 3].randomElement(using: &numbers) ?? nil
        for index in 0..<number(1...5) {
            var frame = Frame(
                number((index == 0 ? 1 : 0)...70), number((index == 0 ? 1 : 0)...70),
                atLeft: number(0...20), top: number(0...20), of: 0)
            let colours = UInt8([1, 3, 255].randomElement(using: &numbers) ?? 1)
            for pixel in frame.pixels.indices {
                frame.pixels[pixel] = UInt8.random(in: 0...colours, using: &numbers)
            }
            frame.transparent = [nil, 0, 1, 77].randomElement(using: &numbers) ?? nil
            frame.disposal = number(0...7)
            frame.delay = number(0...30)
            frame.isInterlaced = Bool.random(using: &numbers)
            if Bool.random(using: &numbers) {
                frame.palette = Array(palette.suffix(1 << number(1...8)))
            }
            gif.frames.append(frame)
        }
        return gif
    }
}
