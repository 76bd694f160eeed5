import Model
import Support
import Testing

@testable import Resizing

@Suite("Custom presets") struct OwnPresetTests {
    let folder = TemporaryFolder()

    @Test("Each size has its own fit, format and quality, regardless of the upload's fit")
    func own() throws {
        let photo = try Photos.jpeg(width: 2000, height: 1500, in: folder)
        let box = PixelSize(width: 400, height: 400)
        let preset = Preset(sizes: [
            .init(name: "thumbnail", box: PixelSize(width: 150, height: 150)),
            .init(name: "whole", box: box, fit: .inside),
            .init(name: "square", box: box, fit: .cover, format: .webp),
            .init(name: "coarse", box: box, fit: .cover, format: .webp, quality: 20),
            .init(name: "flat", box: box, fit: .cover, format: .png),
            .init(name: "banner", box: PixelSize(width: 1600, height: 400), fit: .cover),
        ])
        let result = try Resizer.render(photo, as: .jpeg, fit: .inside, preset: preset, in: folder)
        #expect(
            result.shapes == ["150x113", "400x300", "400x400", "400x400", "400x400", "1600x400"])
        let variants = try #require(result.rendering).variants
        #expect(variants.map(\.format) == [.jpeg, .jpeg, .webp, .webp, .png, .jpeg])
        #expect(variants[3].bytes < variants[2].bytes)
        for (size, variant) in zip(preset.sizes, variants) {
            #expect(variant.revision == preset.revision(of: size))
            let path = result.path(size.name)
            let loader = try Shell.run("vipsheader", ["-f", "vips-loader", path]).text
            let kind = variant.format == .jpeg ? "jpegload" : "\(variant.format)load"
            #expect(loader.contains(kind), "\(size.name): \(loader)")
        }

        let crops = [
            "whole": PixelSize(width: 2000, height: 1500),
            "flat": PixelSize(width: 1500, height: 1500),
            "banner": PixelSize(width: 2000, height: 500),
        ]
        for (name, crop) in crops {
            let variant = try #require(variants.first { $0.name == name })
            let reference = try Pixels.reference(
                photo, crop: crop, to: variant.pixels, in: folder)
            let likeness = try Pixels(of: result.path(name), in: folder).likeness(to: reference)
            #expect(try #require(likeness) > 30, "\(name) \(likeness ?? 0)")
        }
    }

    @Test("Transparent areas become white in JPEG and stay transparent in WebP")
    func transparent() throws {
        let box = PixelSize(width: 300, height: 300)
        let preset = Preset(sizes: [
            .init(name: "thumbnail", box: box, format: .jpeg),
            .init(name: "clear", box: box, format: .webp),
        ])
        let result = try Resizer.render(
            Photos.transparent, as: .png, preset: preset, in: folder)
        #expect(try Pixels(of: result.path("thumbnail"), in: folder).bands == 3)
        #expect(try Pixels(of: result.path("clear"), in: folder).bands == 4)
    }

    @Test("A format without animation shows the first frame of an animation")
    func poster() throws {
        let animation = try Animation.make(
            "gif", width: 400, height: 300, delays: [50, 120, 190], loops: 1, in: folder)
        let box = PixelSize(width: 200, height: 150)
        let preset = Preset(sizes: [
            .init(name: "thumbnail", box: box, format: .jpeg),
            .init(name: "moving", box: box, format: .webp),
        ])
        let result = try Resizer.render(animation, as: .gif, preset: preset, in: folder)
        #expect(result.shapes == ["200x150", "200x150"])
        let still = try Pixels(of: result.path("thumbnail"), in: folder)
        #expect(still.height == 150)
        let frame = folder.file("frame.png")
        try Photos.vips(["flatten", "\(animation)[page=0]", frame])
        let reference = try Pixels.reference(
            frame, crop: PixelSize(width: 400, height: 300), to: box, in: folder)
        let likeness = still.likeness(to: reference)
        #expect(try #require(likeness) > 25, "\(likeness ?? 0)")
        let moving = try Pixels(of: result.path("moving"), options: "n=-1", in: folder)
        #expect(moving.height == 450)
    }
}
