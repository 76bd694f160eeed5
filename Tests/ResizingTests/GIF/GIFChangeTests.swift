import Model
import Support
import Testing

@testable import Resizing

/// What the frames of an animation draw.
@Suite struct GIFChangeTests {
    let folder = TemporaryFolder()

    @Test("Only the rectangle around the changes is drawn")
    func movingSquare() throws {
        let frames = EncodedFrames(60, 40, (0..<5).map { Self.square(atLeft: 5 + 7 * $0, top: 9) })
        let file = try GIFFile(try frames.gif)
        #expect(try frames.areShown(by: file.bytes))
        #expect(file.frames[0].place == Rectangle(left: 0, top: 0, size: frames.size))
        for index in 1..<5 {
            #expect(
                file.frames[index].place
                    == Rectangle(
                        left: 5 + 7 * (index - 1), top: 9, size: PixelSize(width: 17, height: 10)))
            // The colours are those of the first frame.
            if case .local = file.frames[index].palette { Issue.record("a local palette") }
        }
    }

    @Test("A frame that is equal to the previous one is one pixel")
    func equalFrames() throws {
        let square = Self.square(atLeft: 3, top: 4)
        var frames = EncodedFrames(60, 40, [square, square, square])
        frames.delays = [20, 30, 40]
        let file = try GIFFile(try frames.gif)
        #expect(file.frames.map(\.place.size.area) == [2400, 1, 1])
        #expect(file.delays == [20, 30, 40])
        #expect(try frames.areShown(by: file.bytes))
        // The same for more than 256 colours, whose replacements stay.
        var photo = try EncodedFrames.photo(width: 90, height: 60, in: folder)
        // A colour that no palette has: that of the first pixel is replaced too.
        (photo[0], photo[1], photo[2]) = (photo[0] ^ 1, photo[1] ^ 1, photo[2] ^ 1)
        frames = EncodedFrames(90, 60, bands: 3, [photo, photo])
        let shown = try GIFMaker.decoded(try frames.gif)
        #expect(Set(shown).count == 1)
        #expect(!shown.contains(frames.shown[0]))
    }

    @Test("What becomes transparent is cleared before")
    func transparency() throws {
        let nothing = [UInt8](repeating: 0, count: 4 * 60 * 40)
        let square = Self.square(atLeft: 8, top: 3)
        let sprites = [5, 20, 22].map { left -> [UInt8] in
            var frame = nothing
            for y in 10..<20 {
                for x in left..<left + 10 { frame.set(x, y, 60, [9, 99, 200, 255]) }
            }
            return frame
        }
        let sequence =
            [nothing, square, nothing, nothing, square] + sprites + [square, sprites[0]]
        let frames = EncodedFrames(60, 40, sequence)
        let file = try GIFFile(try frames.gif)
        #expect(try frames.areShown(by: file.bytes))
        // Cleared: what is followed by transparent pixels.
        #expect(file.frames[1].disposal == .clear)
        #expect(file.frames[2].disposal == .keep)
        // Around the second sprite, because nothing is left of the first one.
        #expect(file.frames[6].place.size == PixelSize(width: 10, height: 10))
    }

    @Test("Random animations of few colours are exact")
    func fuzzRandom() throws {
        for seed in Fuzz.seeds(150) {
            var numbers = SeededNumbers(seed)
            let isTransparent = Bool.random(using: &numbers)
            let frames = EncodedFrames.random(&numbers, transparent: isTransparent)
            let file = try GIFFile(try frames.gif)
            #expect(file.frames.count == frames.frames.count)
            #expect(try frames.areShown(by: file.bytes), "seed \(seed)")
        }
    }

    @Test("A moving part with many colours does not change the rest")
    func photographs() throws {
        let photo = try EncodedFrames.photo(width: 200, height: 150, in: folder)
        let sequence = (0..<4).map { index in
            var frame = photo
            for y in 40..<100 {
                for x in 20 + 10 * index..<90 + 10 * index {
                    let other = 3 * ((149 - y) * 200 + 199 - x)
                    frame.replaceSubrange(
                        3 * (y * 200 + x)..<3 * (y * 200 + x) + 3, with: photo[other..<other + 3])
                }
            }
            return frame
        }
        let frames = EncodedFrames(200, 150, bands: 3, sequence)
        let shown = try GIFMaker.decoded(try frames.gif)
        #expect(EncodedFrames.likeness(shown, to: frames.shown) > 34)
        // What is above it.
        let above = 4 * 40 * 200
        for frame in shown {
            let isSame = frame[..<above] == shown[0][..<above]
            #expect(isSame)
        }
    }

    @Test("Delays and the number of plays are kept")
    func timing() throws {
        var frames = EncodedFrames(
            60, 40, (0..<6).map { Self.square(atLeft: $0, top: 1) })
        // Browsers show frames of up to 10 ms for 100 ms.
        frames.delays = [0, 10, 12, 20, 654, 999_999]
        for plays in [0, 1, 2, 5, 65_536] {
            frames.plays = plays
            let file = try GIFFile(try frames.gif)
            #expect(file.delays == [100, 100, 20, 20, 650, 655_350])
            #expect(file.plays == plays)
        }
        frames.plays = 1
        #expect(!String(decoding: try frames.gif, as: UTF8.self).contains("NETSCAPE"))
    }

    @Test("A still image has no delay, and no control block if it is opaque")
    func still() throws {
        let file = try GIFFile(
            try EncodedFrames(60, 40, [Self.square(atLeft: 3, top: 4)]).gif)
        #expect(!file.frames[0].isControlled)
        #expect(file.plays == 1)
    }

    /// 60 x 40 pixels with a square of 10 x 10.
    private static func square(atLeft left: Int, top: Int) -> [UInt8] {
        var frame: [UInt8] = []
        for y in 0..<40 {
            for x in 0..<60 {
                let isInside = left..<left + 10 ~= x && top..<top + 10 ~= y
                frame += isInside ? [200, 30, 10, 255] : [240, 250, 230, 255]
            }
        }
        return frame
    }
}

extension EncodedFrames {
    /// Up to 200 colours, in frames that differ by rectangles.
    static func random(_ numbers: inout SeededNumbers, transparent: Bool) -> EncodedFrames {
        func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &numbers) }
        let (width, height) = (number(1...40), number(1...40))
        let colours = number(1...200)
        var frame = noise(width * height, of: 1, transparent: transparent, &numbers)
        var frames: [[UInt8]] = []
        for _ in 0..<number(1...8) {
            for _ in 0..<number(0...3) {
                let (left, top) = (number(0...width - 1), number(0...height - 1))
                let (right, bottom) = (number(left...width - 1), number(top...height - 1))
                let alpha: UInt8 = transparent && number(0...2) == 0 ? 0 : 255
                let isFlat = Bool.random(using: &numbers)
                var colour = UInt8(number(0...colours - 1))
                for y in top...bottom {
                    for x in left...right {
                        if !isFlat { colour = UInt8(number(0...colours - 1)) }
                        frame.set(x, y, width, [colour, 255 - colour, colour &* 7, alpha])
                    }
                }
            }
            frames.append(frame)
        }
        return EncodedFrames(width, height, frames)
    }
}

extension [UInt8] {
    fileprivate mutating func set(_ x: Int, _ y: Int, _ width: Int, _ pixel: [UInt8]) {
        replaceSubrange(4 * (y * width + x)..<4 * (y * width + x) + 4, with: pixel)
    }

    /// The pixels in the reverse order.
    func reversed(by bands: Int) -> [UInt8] {
        stride(from: count - bands, through: 0, by: -bands).flatMap { self[$0..<$0 + bands] }
    }

    /// RGB of RGBA.
    var opaque: [UInt8] { indices.filter { $0 % 4 != 3 }.map { self[$0] } }
}
