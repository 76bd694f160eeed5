import Model
import Support
import Testing

@testable import Resizing

@Suite struct UprightTests {
    let folder = TemporaryFolder()

    @Test(
        "A photo is rendered upright for every EXIF orientation, also a square one",
        arguments: 1...8)
    func orientations(_ orientation: Int) throws {
        for upright in [PixelSize(width: 900, height: 600), PixelSize(width: 600, height: 600)] {
            let stored = orientation >= 5 ? upright.turned : upright
            let photo = try Photos.jpeg(
                width: stored.width, height: stored.height, orientation: orientation, in: folder)
            try expectUpright(
                photo, upright, PixelSize(width: 600, height: 600), Fit.cover, 480, 480)
            try expectUpright(
                photo, upright, PixelSize(width: upright.width, height: upright.width / 3),
                Fit.cover,
                480, 160)
            try expectUpright(
                photo, upright, upright, Fit.inside, 480, 480 * upright.height / upright.width)
        }
    }

    /// Compares a variant in a box of `width` x `height` with `crop` of the upright pixels.
    private func expectUpright(
        _ photo: String, _ upright: PixelSize, _ crop: PixelSize, _ fit: Fit, _ width: Int,
        _ height: Int
    ) throws {
        let preset = Preset(sizes: [
            .init(name: "small", box: PixelSize(width: width, height: height))
        ])
        let source = try Photos.pixels(width: upright.width, height: upright.height, in: folder)
        for usesPlanes in [true, false] {
            let result = try Resizer.render(
                photo, as: .jpeg, fit: fit, preset: preset, usesPlanes: usesPlanes, in: folder)
            #expect(result.rendering?.pixels == upright)
            #expect(result.shapes == ["\(width)x\(height)"])
            let reference = try Pixels.reference(
                source, crop: crop, to: PixelSize(width: width, height: height), in: folder)
            let likeness = try Pixels(of: result.path("small"), in: folder).likeness(to: reference)
            #expect(
                try #require(likeness) > 28, "\(upright) \(width)x\(height) \(likeness ?? 0)")
        }
    }

    @Test("A variant has no EXIF orientation, so no viewer turns it again")
    func untagged() throws {
        let photo = try Photos.jpeg(width: 600, height: 900, orientation: 6, in: folder)
        let result = try Resizer.render(photo, as: .jpeg, in: folder)
        let tags = try Shell.run("exiftool", ["-s", "-Orientation", result.path("large")]).text
        #expect(tags.isEmpty)
    }
}
