import Foundation
import Model
import Support
import Testing

@testable import Resizing

@Suite struct ProfileTests {
    let folder = TemporaryFolder()

    @Test(
        "A profile for another number of channels is ignored",
        arguments: [ImageFormat.jpeg, .png, .webp, .avif, .heic])
    func misfit(_ format: ImageFormat) throws {
        let plain = try Photos.pixels(width: 320, height: 240, in: folder)
        let profile = try Photos.write(Self.grey, to: folder.file("grey.icc"))
        let tagged = folder.file("tagged.jpg")
        try Photos.vips(["jpegsave", plain, tagged, "--Q", "95", "--profile", profile])
        let original = folder.file("original.\(format.fileExtension)")
        try Photos.vips([
            "copy", tagged, format == .avif ? "\(original)[effort=0,bitdepth=8]" : original,
        ])
        try expectColours(of: plain, in: original, format)
    }

    @Test("A colour profile on a grey image and a CMYK profile on a colour image are ignored")
    func others() throws {
        let plain = try Photos.pixels(width: 320, height: 240, in: folder)
        let grey = folder.file("grey.png")
        try Photos.vips(["colourspace", plain, grey, "b-w"])
        for (pixels, profile) in [(grey, "srgb"), (plain, "cmyk")] {
            let original = folder.file("original-\(profile).jpg")
            try Photos.vips(["jpegsave", pixels, original, "--Q", "95", "--profile", profile])
            try expectColours(of: pixels, in: original, .jpeg)
        }
    }

    @Test("A grey profile on a grey image is applied")
    func fit() throws {
        let plain = try Photos.pixels(width: 320, height: 240, in: folder)
        let grey = folder.file("grey.png")
        try Photos.vips(["colourspace", plain, grey, "b-w"])
        let profile = try Photos.write(Self.grey, to: folder.file("grey.icc"))
        let original = folder.file("original.jpg")
        try Photos.vips(["jpegsave", grey, original, "--Q", "95", "--profile", profile])
        let made = try render(original, .jpeg)
        // With this profile the values are linear light, which is far brighter in sRGB.
        #expect(made.mean(0) > (try Pixels(of: grey, in: folder)).mean(0) + 15)
    }

    private func expectColours(of path: String, in original: String, _ format: ImageFormat) throws {
        let (made, right) = (try render(original, format), try Pixels(of: path, in: folder))
        #expect(made.bands == right.bands || made.bands == 3 && right.bands == 1)
        for band in 0..<min(made.bands, right.bands) {
            #expect(abs(made.mean(band) - right.mean(band)) < 2, "\(band)")
        }
    }

    private func render(_ original: String, _ format: ImageFormat) throws -> Pixels {
        let whole = Preset.Size(
            name: "whole", box: PixelSize(width: 320, height: 240), format: .png)
        let result = try Resizer.render(
            original, as: format, fit: .inside, preset: Preset(sizes: [whole]), in: folder)
        return try Pixels(of: result.path("whole"), in: folder)
    }

    /// A minimal profile for grey in linear light (ICC.1:2010, 8.4.4): white point and curve.
    private static let grey: [UInt8] = {
        let white = HEIFMaker.number(0xF6D6, 4) + HEIFMaker.number(0x10000, 4)
        let point = white + HEIFMaker.number(0xD32D, 4)
        let tags =
            Array("XYZ \0\0\0\0".utf8) + point + Array("curv\0\0\0\0".utf8) + [0, 0, 0, 2]
            + [0, 0, 0xFF, 0xFF]
        let table =
            [0, 0, 0, 2] + Array("wtpt".utf8) + HEIFMaker.number(156, 4) + [0, 0, 0, 20]
            + Array("kTRC".utf8) + HEIFMaker.number(176, 4) + [0, 0, 0, 16]
        let header =
            HEIFMaker.number(192, 4) + [0, 0, 0, 0, 2, 0x40, 0, 0] + Array("mntrGRAYXYZ ".utf8)
            + Array(repeating: 0, count: 12) + Array("acsp".utf8) + Array(repeating: 0, count: 28)
            + point + Array(repeating: 0, count: 48)
        return header + table + tags
    }()
}
