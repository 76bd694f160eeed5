import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// AVIF image sequences (ISO/IEC 23008-12, 7).
@Suite struct AVIFAnimationTests {
    let folder = TemporaryFolder()
    private static let colours = [[210, 30, 40], [30, 190, 60], [40, 60, 200]]
    private static let delays = [50, 120, 190]
    private let file: [UInt8]

    init() throws {
        let folder = folder
        let frames = try Self.colours.enumerated().map { index, colour in
            try TestImage(80, 64) { _, _ in colour }.write("\(index).png", in: folder)
        }
        file = try AVIFEncoder.animation(
            frames, delays: Self.delays.map { $0 / 10 }, options: ["-y", "444"], in: folder)
    }

    @Test("Every variant keeps the frames, their order and their delays, as WebP")
    func frames() throws {
        let result = try render(file)
        #expect(result.rendering?.pixels == PixelSize(width: 80, height: 64))
        #expect(result.rendering?.variants.allSatisfy { $0.format == .webp } == true)
        let fields = try fields(of: result)
        #expect(fields["n-pages"] == "3" && fields["delay"] == "50 120 190", "\(fields)")
        for (index, colour) in Self.colours.enumerated() {
            let frame = try Pixels(of: result.path("small"), options: "page=\(index)", in: folder)
            for band in 0..<3 { #expect(abs(frame.mean(band) - Double(colour[band])) < 6) }
        }
    }

    @Test("A format without animation shows the first frame")
    func still() throws {
        let preset = Preset(sizes: [
            .init(name: "only", box: PixelSize(width: 80, height: 64), format: .jpeg)
        ])
        let path = try Photos.write(file, to: folder.file("animation.avif"))
        let result = try Resizer.render(path, as: .avif, preset: preset, in: folder)
        let pixels = try Pixels(of: result.path("only"), in: folder)
        for band in 0..<3 {
            #expect(abs(pixels.mean(band) - Double(Self.colours[0][band])) < 6)
        }
    }

    @Test("An animation beyond the limits of frames is refused")
    func limits() throws {
        let path = try Photos.write(file, to: folder.file("animation.avif"))
        func code(_ change: (inout RenderLimits) -> Void) throws -> String? {
            var limits = Resizer.limits
            change(&limits)
            return try Resizer.render(path, as: .avif, limits: limits, in: folder).imageFailed
        }
        #expect(try code { $0.frames = 3 } == nil)
        #expect(try code { $0.frames = 2 } == "too_many_frames")
        #expect(try code { $0.animatedPixels = 3 * 80 * 64 } == nil)
        #expect(try code { $0.animatedPixels = 3 * 80 * 64 - 1 } == "too_many_frames")
    }

    struct Plays: Sendable, CustomTestStringConvertible {
        let isRepeated: Bool
        /// Of the edit and of the track, in the movie's units.
        let edit: Int
        let track: Int
        let loop: String
        var testDescription: String { "\(isRepeated) \(edit) \(track)" }
    }

    @Test(
        "An edit list states how often the animation is played",
        arguments: [
            Plays(isRepeated: false, edit: 36, track: 36, loop: "1"),
            Plays(isRepeated: true, edit: 36, track: 36, loop: "1"),
            Plays(isRepeated: true, edit: 36, track: 108, loop: "3"),
            Plays(isRepeated: true, edit: 36, track: 100, loop: "3"),
            Plays(isRepeated: true, edit: 36, track: -1, loop: "0"),
            // More than WebP can state.
            Plays(isRepeated: true, edit: 36, track: 36 * 70_000, loop: "65535"),
        ])
    func plays(_ plays: Plays) throws {
        var boxes = try MediaBoxes(file)
        var header = try #require(boxes.boxes("moov/trak/tkhd").first)
        // Version 1: the duration follows two times, the track's number and 4 bytes, each after the other.
        #expect(header[8] == 1)
        header.replaceSubrange(36..<44, with: HEIFMaker.number(plays.track, 8))
        let edits = HEIFMaker.box(
            "edts",
            HEIFMaker.box(
                "elst",
                [1, 0, 0, plays.isRepeated ? 1 : 0] + HEIFMaker.number(1, 4)
                    + HEIFMaker.number(plays.edit, 8) + HEIFMaker.number(0, 8) + [0, 1, 0, 0]))
        let media = try #require(boxes.boxes("moov/trak/mdia").first)
        let track = HEIFMaker.box("trak", header + edits + media)
        let movie = try #require(boxes.box("moov/mvhd"))
        try boxes.replaceMovie(movie + track)
        #expect(try fields(of: render(boxes.bytes))["loop"] == plays.loop)
    }

    @Test("Without an edit list, an animation is played for ever")
    func forever() throws {
        #expect(try fields(of: render(file))["loop"] == "0")
    }

    @Test("Tracks of sound or depth are ignored, before and after the images")
    func otherTracks() throws {
        var boxes = try MediaBoxes(file)
        let tracks = boxes.boxes("moov/trak")
        let movie = try #require(boxes.box("moov/mvhd"))
        var sound = tracks[0]
        let kind = try #require(sound.firstRange(of: Array("pict".utf8)))
        sound.replaceSubrange(kind, with: "soun".utf8)
        // The last fields of tkhd: sound has no width and height.
        let header = try #require(sound.firstRange(of: Array("tkhd".utf8)))
        sound.replaceSubrange(
            header.lowerBound + 92..<header.lowerBound + 100, with: [UInt8](repeating: 0, count: 8))
        let alpha = try AVIFEncoder.animation(
            (0..<3).map { index in
                try TestImage(80, 64, bands: 4) { _, _ in [9, 9, 9, 100] }
                    .write("alpha-\(index).png", in: folder)
            }, delays: [5, 5, 5], in: folder)
        var depth = try #require(try MediaBoxes(alpha).boxes("moov/trak").last)
        let name = try #require(depth.firstRange(of: Array("auxiliary:alpha".utf8)))
        depth.replaceSubrange(name, with: "auxiliary:depth".utf8)
        try boxes.replaceMovie(movie + sound + tracks[0] + depth)
        let result = try render(boxes.bytes)
        #expect(try fields(of: result)["n-pages"] == "3")
        #expect(try fields(of: result)["bands"] == "3")
        let frame = try Pixels(of: result.path("small"), options: "page=1", in: folder)
        for band in 0..<3 { #expect(abs(frame.mean(band) - Double(Self.colours[1][band])) < 6) }
    }

    @Test("Alpha of an animation is kept")
    func alpha() throws {
        let frames = try [255, 120, 20].enumerated().map { index, alpha in
            try TestImage(80, 64, bands: 4) { _, _ in [200, 90, 40, alpha] }
                .write("alpha-\(index).png", in: folder)
        }
        let result = try render(try AVIFEncoder.animation(frames, delays: [5, 5, 5], in: folder))
        for (index, alpha) in [255.0, 120, 20].enumerated() {
            let frame = try Pixels(of: result.path("small"), options: "page=\(index)", in: folder)
            let mean = frame.bands == 4 ? frame.mean(3) : 255
            #expect(abs(mean - alpha) < 4, "\(index): \(mean)")
        }
    }

    @Test("A frame that is shown for longer than WebP can state is shown for that long")
    func longDelay() throws {
        let frames = try (0..<2).map { index in
            try TestImage(80, 64) { _, _ in Self.colours[index] }
                .write("long-\(index).png", in: folder)
        }
        let long = try AVIFEncoder.animation(frames, delays: [1_700_000, 5], in: folder)
        #expect(try fields(of: render(long))["delay"] == "16777215 50")
    }

    private func render(_ bytes: [UInt8]) throws -> Resizer.Result {
        let path = try Photos.write(bytes, to: folder.file("animation.avif"))
        let result = try Resizer.render(path, as: .avif, fit: .inside, in: folder)
        try #require(result.rendering != nil, "\(result.report)")
        return result
    }

    private func fields(of result: Resizer.Result) throws -> [String: String] {
        let lines = try Shell.check("vipsheader", ["-a", result.path("small")]).lines
        let pairs = lines.compactMap { line -> (String, String)? in
            guard let colon = line.firstRange(of: ": ") else { return nil }
            let value = line[colon.upperBound...].trimmingCharacters(in: .whitespaces)
            return (String(line[..<colon.lowerBound]), value)
        }
        return Dictionary(pairs) { $1 }
    }
}
