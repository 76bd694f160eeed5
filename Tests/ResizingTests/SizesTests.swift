import Foundation
import Model
import Support
import Testing

@testable import Resizing

@Suite struct SizesTests {
    let folder = TemporaryFolder()

    @Test("A 12-megapixel photo gives four variants, cropped to squares")
    func cover() throws {
        let photo = try Photos.jpeg(width: 4032, height: 3024, in: folder)
        let result = try Resizer.render(photo, as: .jpeg, in: folder)
        #expect(result.shapes == ["150x150", "480x480", "1024x1024", "1920x1920"])
        #expect(result.rendering?.pixels == PixelSize(width: 4032, height: 3024))
        for variant in try #require(result.rendering).variants {
            let pixels = try Pixels(of: result.path(variant.name), in: folder)
            #expect(pixels.width == variant.pixels.width)
            #expect(pixels.height == variant.pixels.height)
            let bytes = try Photos.bytes(of: result.path(variant.name))
            #expect(Int64(bytes.count) == variant.bytes)
        }
    }

    @Test("With fit inside, the proportions are kept")
    func inside() throws {
        let photo = try Photos.jpeg(width: 4032, height: 3024, in: folder)
        let result = try Resizer.render(photo, as: .jpeg, fit: .inside, in: folder)
        #expect(result.shapes == ["150x113", "480x360", "1024x768", "1920x1440"])
    }

    @Test("No image is ever enlarged")
    func small() throws {
        let photo = try Photos.jpeg(width: 800, height: 600, in: folder)
        let cover = try Resizer.render(photo, as: .jpeg, in: folder)
        #expect(cover.shapes == ["150x150", "480x480", "600x600", "600x600"])
        let inside = try Resizer.render(photo, as: .jpeg, fit: .inside, in: folder)
        #expect(inside.shapes == ["150x113", "480x360", "800x600", "800x600"])
        let dot = try Photos.jpeg(width: 1, height: 1, in: folder)
        #expect(
            try Resizer.render(dot, as: .jpeg, in: folder).shapes
                == Array(repeating: "1x1", count: 4))
    }

    @Test("An image of one row or column is rendered", arguments: [Fit.cover, .inside])
    func strips(_ fit: Fit) throws {
        for (width, height) in [(1600, 1), (1, 1600), (1500, 3)] {
            let photo = try Photos.converted(to: "png", width: width, height: height, in: folder)
            let result = try Resizer.render(photo, as: .png, fit: fit, in: folder)
            #expect(result.rendering?.variants.count == 4, "\(width)x\(height) \(result.report)")
        }
    }

    @Test(
        "Every variant looks like one made from the original directly",
        arguments: [Fit.cover, .inside])
    func likeness(_ fit: Fit) throws {
        // PNG, so that only resizing makes a difference; all sizes are halved, which is quicker.
        let photo = try Photos.pixels(width: 1300, height: 975, in: folder)
        let preset = Preset(
            sizes: Preset.standard.sizes.map {
                .init(
                    name: $0.name,
                    box: PixelSize(width: $0.box.width / 2, height: $0.box.height / 2))
            })
        let result = try Resizer.render(photo, as: .png, fit: fit, preset: preset, in: folder)
        for variant in try #require(result.rendering).variants {
            let side = PixelSize(width: 975, height: 975)
            let crop = fit == .cover ? side : PixelSize(width: 1300, height: 975)
            let reference = try Pixels.reference(photo, crop: crop, to: variant.pixels, in: folder)
            let likeness = try Pixels(of: result.path(variant.name), in: folder)
                .likeness(to: reference)
            #expect(try #require(likeness) > 38, "\(variant.name) \(fit) \(likeness ?? 0)")
        }
    }

    @Test("With a preset of other proportions, each variant shows the middle of the image")
    func otherPreset() throws {
        let photo = try Photos.pixels(width: 2000, height: 1500, in: folder)
        let preset = Preset(sizes: [
            .init(name: "square", box: PixelSize(width: 100, height: 100)),
            .init(name: "tall", box: PixelSize(width: 200, height: 400)),
            .init(name: "wide", box: PixelSize(width: 1200, height: 630)),
        ])
        let result = try Resizer.render(photo, as: .png, preset: preset, in: folder)
        #expect(result.shapes == ["100x100", "200x400", "1200x630"])
        let crops = [
            PixelSize(width: 1500, height: 1500), PixelSize(width: 750, height: 1500),
            PixelSize(width: 2000, height: 1050),
        ]
        for (size, crop) in zip(preset.sizes, crops) {
            let reference = try Pixels.reference(photo, crop: crop, to: size.box, in: folder)
            let likeness = try Pixels(of: result.path(size.name), in: folder)
                .likeness(to: reference)
            #expect(try #require(likeness) > 38, "\(size.name) \(likeness ?? 0)")
        }
    }

    @Test("The placeholder is a data URI under 1 KB that can be decoded")
    func placeholder() throws {
        let photo = try Photos.jpeg(width: 800, height: 600, in: folder)
        let result = try Resizer.render(photo, as: .jpeg, fit: .inside, in: folder)
        let address = try #require(result.rendering?.placeholder)
        #expect(address.utf8.count < 1000)
        let prefix = "data:image/webp;base64,"
        #expect(address.hasPrefix(prefix))
        let bytes = try #require(Data(base64Encoded: String(address.dropFirst(prefix.count))))
        let file = try Photos.write(bytes, to: folder.file("placeholder.webp"))
        let pixels = try Pixels(of: file, in: folder)
        #expect(pixels.width == 16)
        #expect(pixels.height == 12)
    }
}
