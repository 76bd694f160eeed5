import Model
import Support
import Testing

@testable import Resizing

@Suite struct UprightTests {
    let folder = TemporaryFolder()

    @Test("A photo is rendered upright for every EXIF orientation", arguments: 1...8)
    func orientations(_ orientation: Int) throws {
        let isTurned = orientation >= 5
        let upright = PixelSize(width: 900, height: 600)
        let photo = try Photos.jpeg(
            width: isTurned ? 600 : 900, height: isTurned ? 900 : 600, orientation: orientation,
            in: folder)
        let source = try Photos.pixels(width: 900, height: 600, in: folder)
        let preset = Preset(sizes: [
            .init(name: "small", box: PixelSize(width: 480, height: 480))
        ])
        for fit in [Fit.cover, .inside] {
            let result = try Resizer.render(
                photo, as: .jpeg, fit: fit, preset: preset, in: folder)
            #expect(result.rendering?.pixels == upright)
            let variant = try #require(result.rendering?.variants.first { $0.name == "small" })
            #expect(variant.pixels == PixelSize(width: 480, height: fit == .cover ? 480 : 320))
            let reference = try Pixels.reference(
                source, crop: fit == .cover ? PixelSize(width: 600, height: 600) : upright,
                to: variant.pixels, in: folder)
            let likeness = try Pixels(of: result.path("small"), in: folder).likeness(to: reference)
            #expect(try #require(likeness) > 28, "\(fit) \(likeness ?? 0)")
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
