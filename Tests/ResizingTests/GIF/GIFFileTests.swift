import Foundation
import Model
import Support
import Testing

@testable import Resizing

@Suite struct GIFFileTests {
    private let gif: GIFMaker = {
        var gif = GIFMaker(width: 30, height: 20)
        gif.frames = [.init(30, 20, of: 1), .init(10, 10, atLeft: 5, top: 5, of: 2)]
        return gif
    }()

    @Test("Delays are those of the file; 0 and 10 ms are 100 ms, as in browsers")
    func delays() throws {
        var gif = gif
        gif.frames = [nil, 0, 1, 2, 3, 50, 65535].map { delay in
            var frame = GIFMaker.Frame(2, 2, of: 1)
            frame.delay = delay
            return frame
        }
        #expect(try GIFFile(gif.bytes).delays == [100, 100, 100, 20, 30, 500, 655_350])
    }

    @Test("The number of plays is the number of repetitions and one, or 0 for ever")
    func plays() throws {
        var gif = gif
        for (loops, plays) in [(nil, 1), (0, 0), (1, 2), (4, 5), (65535, 65536)] {
            gif.loops = loops
            #expect(try GIFFile(gif.bytes).plays == plays)
        }
    }

    @Test("A frame whose pixels end early, or without data, is damaged")
    func pixelsEndEarly() throws {
        for frame in 0...1 {
            for present in [0, 1, gif.frames[frame].pixels.count - 1] {
                var gif = gif
                gif.frames[frame].present = present
                #expect(throws: Damage.self) { try GIFMaker.decoded(gif.bytes) }
                #expect(throws: Damage.self) { try GIFFile(gif.bytes).codeEnds() }
            }
        }
        // The file ends in the header of its last frame, or before its data.
        let header: [UInt8] = [0x2C, 0, 0, 0, 0, 30, 0, 20, 0, 0, 8]
        for count in 1...header.count {
            let bytes = gif.bytes.dropLast() + header.prefix(count)
            #expect(throws: Damage.self, "\(count)") { try GIFMaker.decoded(Array(bytes)) }
        }
    }

    @Test("Complete pixels without the end of the data or of the file are complete")
    func ends() throws {
        let whole = try GIFMaker.decoded(gif.bytes)
        // The trailer, the end of the data, the end code.
        for count in 1...3 {
            #expect(try GIFMaker.decoded(gif.bytes.dropLast(count)) == whole)
        }
        let comment: [UInt8] = [0x21, 0xFE, 200, 65]
        #expect(try GIFMaker.decoded(gif.bytes.dropLast() + comment) == whole)
        #expect(try GIFMaker.decoded(gif.bytes.dropLast() + [0, 0, 0x3B, 7]) == whole)
        #expect(try GIFMaker.decoded(gif.bytes + [0x2C, 1]) == whole)
    }

    @Test("A file without a frame or without a pixel is damaged")
    func empty() throws {
        var gif = gif
        gif.frames = []
        #expect(throws: Damage.self) { try GIFFile(gif.bytes) }
        (gif.width, gif.height) = (0, 0)
        gif.frames = [.init(0, 5, of: 0)]
        #expect(throws: Damage.self) { try GIFFile(gif.bytes) }
        for count in 0..<13 {
            #expect(throws: Damage.self) { try GIFFile(Array(gif.bytes.prefix(count))) }
        }
    }

    @Test("No more frames are read than one beyond the limit")
    func limit() throws {
        var gif = gif
        gif.frames = Array(repeating: .init(1, 1, of: 1), count: 50)
        #expect(try GIFFile(gif.bytes, frames: 10).frames.count == 11)
        #expect(try GIFFile(gif.bytes, frames: 50).frames.count == 50)
    }

    @Test("A frame that is larger than the canvas counts with its own pixels")
    func work() throws {
        var gif = gif
        gif.frames.append(.init(100, 100, of: 0))
        #expect(try GIFFile(gif.bytes).workPixels == 2 * 600 + 10_000)
    }

    @Test("A rewritten file has neither comments nor other hidden data")
    func withoutMetadata() throws {
        let plain = gif
        var gif = gif
        gif.loops = 2
        let secret = Array("secret".utf8)
        gif.extra =
            [0x21, 0xFE, 6] + secret + [0]
            + [0x21, 0xFF, 11] + Array("XMP DataXMP".utf8) + [6] + secret + [0]
            + [0x21, 0x01, 12] + [UInt8](repeating: 0, count: 12) + [6] + secret + [0]
        var bytes = gif.bytes
        // A sub-block after the last pixel, and data after the trailer.
        bytes.removeLast(2)
        bytes += [6] + secret + [0, 0x3B] + secret
        let file = try GIFFile(bytes)
        let rewritten = file.withoutMetadata(try file.codeEnds())
        #expect(String(decoding: bytes, as: UTF8.self).contains("secret"))
        #expect(!String(decoding: rewritten, as: UTF8.self).contains("secret"))
        #expect(try GIFMaker.decoded(rewritten) == plain.shown)
        #expect(try GIFFile(rewritten).plays == 3)
        #expect(rewritten.last == 0x3B)
        // A file without hidden data is not changed, except that the codes of the maker may end elsewhere.
        let again = try GIFFile(rewritten)
        #expect(again.withoutMetadata(try again.codeEnds()) == rewritten)
    }

    @Test("A size of a GIF has no pixels beyond the canvas, which nobody sees")
    func beyondCanvas() throws {
        var gif = GIFMaker(width: 4, height: 4)
        gif.frames = [GIFMaker.Frame(4, 4, of: 1), GIFMaker.Frame(300, 200, of: 2)]
        let folder = TemporaryFolder()
        let path = try Photos.write(gif.bytes, to: folder.file("beyond.gif"))
        let result = try Resizer.render(path, as: .gif, fit: .inside, in: folder)
        let file = try GIFFile(Photos.bytes(of: result.path("large")))
        #expect(file.frames.count == 2 && file.canvas == PixelSize(width: 4, height: 4))
        #expect(file.frames.allSatisfy { $0.place.bottom <= 4 && $0.place.size.width <= 4 })
        #expect(try GIFMaker.decoded(file.bytes) == gif.shown)
    }

    @Test("Noise in a file never makes the reader read beyond its bytes, and ends soon")
    func fuzzNoise() throws {
        var complete = 0
        for seed in Fuzz.seeds(4000) {
            var numbers = SeededNumbers(seed)
            var bytes = GIFMaker.random(&numbers).bytes
            // Half of the changes are not in the global palette or behind it.
            for _ in 0..<Int.random(in: 0...6, using: &numbers) {
                let end = Bool.random(using: &numbers) ? bytes.count : min(bytes.count, 13)
                let start = end == bytes.count ? min(781, end - 1) : 6
                bytes[Int.random(in: start..<end, using: &numbers)] = .random(
                    in: 0...255, using: &numbers)
            }
            if Int.random(in: 0..<5, using: &numbers) == 0 {
                bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &numbers)))
            }
            guard let file = try? GIFFile(bytes, frames: 10), file.workPixels < 1_000_000,
                let (shown, canvas) = try? GIFMaker.decoded(file)
            else { continue }
            complete += 1
            let rewritten = try GIFFile(file.withoutMetadata(canvas.ends), frames: 10)
            #expect(try GIFMaker.decoded(rewritten).shown == shown, "seed \(seed)")
        }
        #expect(complete > 0)
    }
}
