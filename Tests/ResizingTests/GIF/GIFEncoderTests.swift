import Foundation
import Model
import Support
import Testing

@testable import Resizing

@Suite struct GIFEncoderTests {
    let folder = TemporaryFolder()

    @Test(
        "Up to 256 colours, with transparency 255, are exact",
        arguments: [1, 2, 3, 4, 5, 8, 9, 16, 17, 129, 255, 256], [false, true])
    func exact(_ colours: Int, _ transparent: Bool) throws {
        var numbers = SeededNumbers(UInt64(colours))
        let count = transparent ? min(colours, 255) : colours
        let frame = EncodedFrames.noise(40 * 30, of: count, transparent: transparent, &numbers)
        let frames = EncodedFrames(40, 30, [frame])
        let file = try GIFFile(try frames.gif)
        #expect(try frames.areShown(by: file.bytes))
        // The smallest palette that has all of them.
        let room = try #require(file.globalPalette).count / 3
        let used = count + (transparent ? 1 : 0)
        #expect(room >= used && (room < 2 * used || room == 2))
        #expect((file.frames[0].transparent != nil) == transparent)
    }

    @Test("256 colours and transparency are one colour too many")
    func tooMany() throws {
        var numbers = SeededNumbers(1)
        let frame = EncodedFrames.noise(40 * 30, of: 256, transparent: true, &numbers)
        let frames = EncodedFrames(40, 30, [frame, frame])
        let (shown, all) = (try GIFMaker.decoded(try frames.gif)[0], frames.shown[0])
        let wrong = stride(from: 0, to: shown.count, by: 4).filter {
            shown[$0..<$0 + 4] != all[$0..<$0 + 4]
        }
        #expect(!wrong.isEmpty)
        // Only the two colours that became one.
        #expect(Set(wrong.map { frame[$0] }).count <= 2)
        #expect(wrong.allSatisfy { shown[$0 + 3] == all[$0 + 3] })
    }

    @Test("Grey and colours are kept, and alpha is rounded", arguments: 1...4)
    func bands(_ bands: Int) throws {
        var frame: [UInt8] = []
        for value in [0, 1, 126, 127, 128, 129, 254, 255] as [UInt8] {
            for alpha in [0, 1, 127, 128, 200, 255] as [UInt8] {
                let pixel = [value, 255 - value, value / 2][..<(bands < 3 ? 1 : 3)]
                frame += pixel + (bands % 2 == 0 ? [alpha] : [])
            }
        }
        let frames = EncodedFrames(6, 8, bands: bands, [frame])
        #expect(try frames.areShown(by: try frames.gif))
    }

    @Test("Images of one pixel, of one row and of one column", arguments: [1, 2, 3, 255, 300])
    func thin(_ length: Int) throws {
        var numbers = SeededNumbers(UInt64(length))
        for colours in [1, 2, 200] {
            for transparent in [false, true] {
                let frame = EncodedFrames.noise(
                    length, of: colours, transparent: transparent, &numbers)
                for (width, height) in [(length, 1), (1, length)] {
                    let frames = EncodedFrames(
                        width, height, [frame, frame, frame.reversed(by: 4)])
                    #expect(try frames.areShown(by: try frames.gif))
                }
            }
        }
        let nothing = EncodedFrames(length, 2, [[UInt8](repeating: 0, count: 8 * length)])
        #expect(try nothing.areShown(by: try nothing.gif))
    }

    @Test("Photographs are shown with little noise, and still ones without bands")
    func photographs() throws {
        let photo = try EncodedFrames.photo(width: 320, height: 240, in: folder)
        var frames = EncodedFrames(320, 240, bands: 3, [photo])
        let still = try GIFMaker.decoded(try frames.gif)
        #expect(EncodedFrames.likeness(still, to: frames.shown) > 35)
        frames.frames = [photo, photo.reversed(by: 3)]
        let animation = try GIFMaker.decoded(try frames.gif)
        #expect(EncodedFrames.likeness(animation, to: frames.shown) > 36)

        // The mean of a block of a gradient differs less than its pixels.
        let gradient = (0..<200 * 200).flatMap { position -> [UInt8] in
            let (x, y) = (position % 200, position / 200)
            return [UInt8(x), UInt8(y), UInt8((x + y) / 2)]
        }
        frames = EncodedFrames(200, 200, bands: 3, [gradient])
        let dithered = try GIFMaker.decoded(try frames.gif)
        frames.frames.append(gradient)
        let plain = try GIFMaker.decoded(try frames.gif)
        let wanted = [blurred(frames.shown[0], width: 200)]
        let gain =
            EncodedFrames.likeness([blurred(dithered[0], width: 200)], to: wanted)
            - EncodedFrames.likeness([blurred(plain[0], width: 200)], to: wanted)
        #expect(gain > 3, "\(gain)")
    }

    @Test("More effort gives smaller errors, and the same effort the same bytes")
    func effort() throws {
        let photo = try EncodedFrames.photo(width: 320, height: 240, in: folder)
        var frames = EncodedFrames(320, 240, bands: 3, [photo, photo.reversed(by: 3)])
        let likeness = try [1, 3, 10].map { effort in
            frames.effort = effort
            let gif = try frames.gif
            let isSame = try frames.gif == gif
            #expect(isSame)
            return EncodedFrames.likeness(try GIFMaker.decoded(gif), to: frames.shown)
        }
        #expect(likeness[0] < likeness[1] && likeness[1] < likeness[2], "\(likeness)")
    }

    @Test("libvips shows the same pixels")
    func otherDecoder() throws {
        for seed in Fuzz.seeds(10) {
            var numbers = SeededNumbers(seed)
            let frames = EncodedFrames.random(&numbers, transparent: true)
            let path = try Photos.write(try frames.gif, to: folder.file("\(seed).gif"))
            let strip = try Pixels(of: path, options: "n=-1", in: folder)
            #expect(strip.height == frames.size.height * frames.frames.count, "seed \(seed)")
            let shown = strip.bands == 4 ? frames.shown : frames.shown.map { $0.opaque }
            let isSame = strip.values == shown.flatMap { $0 }
            #expect(isSame, "seed \(seed)")
        }
    }
}

/// The sums of 8 x 8 pixels, divided by 64, for RGBA.
private func blurred(_ pixels: [UInt8], width: Int) -> [UInt8] {
    var result: [UInt8] = []
    for y in stride(from: 0, to: pixels.count / 4 / width, by: 8) {
        for x in stride(from: 0, to: width, by: 8) {
            for band in 0..<4 {
                var sum = 0
                for place in 0..<64 {
                    sum += Int(pixels[4 * ((y + place / 8) * width + x + place % 8) + band])
                }
                result.append(UInt8((sum + 32) / 64))
            }
        }
    }
    return result
}
