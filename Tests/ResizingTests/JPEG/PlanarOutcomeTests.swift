import Foundation
import Model
import ResizerClient
import Support
import Testing

@testable import Resizing

/// Whether a JPEG is complete or fails, with which code, does not depend on the decoder.
@Suite struct PlanarOutcomeTests {
    let folder = TemporaryFolder()

    @Test(
        "A JPEG has the same outcome by planes and by libvips, whole and cut off",
        arguments: [
            "", "-sample 1x1", "-sample 4x1", "-grayscale", "-rgb", "-progressive", "-restart 1",
            "-progressive -restart 1", "-progressive -grayscale", "-optimize", "-arithmetic",
            "-arithmetic -progressive", "-quality 1", "-quality 100",
        ])
    func outcomes(_ options: String) throws {
        let photo = try JPEGMaker.file(150, 110, options, in: folder)
        try expectSame(try Photos.bytes(of: photo), options)
    }

    @Test("The same for CMYK, profiles and EXIF", arguments: ["cmyk", "srgb", "p3", "turned"])
    func others(_ kind: String) throws {
        let source = try Photos.pixels(width: 150, height: 110, in: folder)
        let photo = folder.file("\(kind).jpg")
        switch kind {
        case "cmyk":
            let cmyk = folder.file("cmyk.v")
            try Photos.vips(["icc_transform", source, cmyk, "cmyk", "--input-profile", "srgb"])
            try Photos.vips(["copy", cmyk, photo])
        case "turned":
            try Photos.vips(["copy", source, photo])
            try Photos.tag(photo, ["-Orientation#=7"])
        default: try Photos.vips(["jpegsave", source, photo, "--profile", kind])
        }
        try expectSame(try Photos.bytes(of: photo), kind)
    }

    @Test("Whatever follows the last block, a JPEG is complete")
    func tails() throws {
        for options in ["-sample 2x2", "-restart 1"] {
            let photo = try Photos.bytes(of: JPEGMaker.file(150, 110, options, in: folder))
            let pixels = photo.dropLast(2)
            let tails: [[UInt8]] = [
                [], [0xFF], [0xFF, 0xB2], [0xFF, 0x02], [0xFF, 0xFE, 0, 99, 1], [0xFF, 0xDA, 0],
                [0x12, 0x34, 0x56, 0xFF, 0xD9], photo, [0xFF, 0xD9] + photo,
            ]
            for tail in tails {
                let shapes = try expectSameOutcome(
                    pixels + tail, .inside, "\(options) \(tail.prefix(5))")
                #expect(shapes?.count == 1, "\(options) \(tail.prefix(5))")
            }
        }
    }

    @Test("The same for files with changed bytes")
    func changed() throws {
        let files = try ["-sample 2x2", "-progressive", "-restart 2"].map {
            try Photos.bytes(of: JPEGMaker.file(90, 70, $0, in: folder))
        }
        for seed in Fuzz.seeds(150) {
            var numbers = SeededNumbers(seed)
            var bytes = files.randomElement(using: &numbers) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                let place = Int.random(in: 2..<bytes.count, using: &numbers)
                bytes[place] = UInt8.random(in: 0...255, using: &numbers)
            }
            try expectSameOutcome(bytes, .inside, "seed \(seed)")
        }
    }

    /// The whole file, and cut off at ten places.
    private func expectSame(_ bytes: [UInt8], _ comment: String) throws {
        for fit in [Fit.cover, .inside] {
            let whole = try expectSameOutcome(bytes, fit, comment)
            #expect(whole?.count == 1, "\(comment)")
            for tenth in 0..<10 {
                let cut = bytes.prefix(bytes.count * (2 * tenth + 1) / 20)
                try expectSameOutcome(Array(cut), fit, "\(comment) cut at \(cut.count)")
            }
            try expectSameOutcome(bytes.dropLast(2), fit, "\(comment) without end marker")
        }
    }

    /// Returns the sizes of the variants.
    @discardableResult
    private func expectSameOutcome(
        _ bytes: [UInt8], _ fit: Fit, _ comment: String
    ) throws -> [String]? {
        let path = try Photos.write(bytes, to: folder.file("\(UUID().uuidString).jpg"))
        let results = try [true, false].map { usesPlanes in
            try Resizer.render(
                path, as: .jpeg, fit: fit, preset: DamageTests.preset, usesPlanes: usesPlanes,
                in: folder)
        }
        #expect(results[0].failure?.code == results[1].failure?.code, "\(comment) \(fit)")
        #expect(results[0].shapes == results[1].shapes, "\(comment) \(fit)")
        #expect(
            results[0].rendering?.pixels == results[1].rendering?.pixels, "\(comment) \(fit)")
        return results[0].rendering.map { _ in results[0].shapes }
    }
}
