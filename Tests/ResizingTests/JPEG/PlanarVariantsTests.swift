import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// What a JPEG's variants contain.
@Suite struct PlanarVariantsTests {
    let folder = TemporaryFolder()

    @Test("From quality 90 on variants are 4:4:4, below 4:2:0, from a JPEG and a PNG")
    func chroma() throws {
        let preset = Preset(
            sizes: [20, 89, 90, 100].map { quality in
                .init(
                    name: "q\(quality)", box: PixelSize(width: 100 + quality, height: 100),
                    format: .jpeg, quality: quality)
            })
        let pixels = try Photos.pixels(width: 433, height: 322, in: folder)
        let photo = try JPEGMaker.file(433, 322, "-sample 2x2", in: folder)
        for (path, format) in [(pixels, ImageFormat.png), (photo, .jpeg)] {
            let result = try Resizer.render(path, as: format, preset: preset, in: folder)
            let sampling = try preset.sizes.map { try self.sampling(result.path($0.name)) }
            #expect(sampling == ["2 2", "2 2", "1 1", "1 1"], "\(format)")
        }
    }

    @Test("A size has the same chroma after a size with less chroma and the same pixels")
    func order() throws {
        let box = PixelSize(width: 200, height: 200)
        let coarse = Preset.Size(name: "coarse", box: box)
        let fine: [Preset.Size] = [
            .init(name: "fine", box: box, quality: 95), .init(name: "fine", box: box, format: .png),
        ]
        let photo = try JPEGMaker.file(433, 322, "-sample 1x1 -quality 95", in: folder)
        for size in fine {
            let files = try [[size], [coarse, size], [size, coarse]].map { sizes in
                let result = try Resizer.render(
                    photo, as: .jpeg, preset: Preset(sizes: sizes), in: folder)
                return try Photos.bytes(of: result.path("fine"))
            }
            #expect(files[1] == files[0])
            #expect(files[2] == files[0])
        }
    }

    @Test("Variants of a grey JPEG are grey")
    func grey() throws {
        let photo = try JPEGMaker.file(433, 322, "-grayscale", in: folder)
        let result = try Resizer.render(photo, as: .jpeg, in: folder)
        for name in ["thumbnail", "small"] {
            #expect(try Pixels(of: result.path(name), in: folder).bands == 1)
        }
    }

    @Test("Variants in other formats look like those of libvips", arguments: ["2x2", "grey", "p3"])
    func formats(_ kind: String) throws {
        let photo: String
        switch kind {
        case "grey": photo = try JPEGMaker.file(433, 322, "-grayscale", in: folder)
        case "p3": photo = try tagged("p3")
        default: photo = try JPEGMaker.file(433, 322, "-quality 95", orientation: 6, in: folder)
        }
        let formats: [ImageFormat?] = [nil, .png, .webp, .gif, .avif]
        let preset = Preset(
            sizes: formats.map { format in
                .init(
                    name: format?.rawValue ?? "same",
                    box: PixelSize(width: 300, height: 320), format: format, quality: 95)
            })
        let results = try [true, false].map {
            try Resizer.render(photo, as: .jpeg, preset: preset, usesPlanes: $0, in: folder)
        }
        #expect(results[0].shapes == results[1].shapes)
        for size in preset.sizes {
            let (planes, vips) = (
                try Pixels(of: results[0].path(size.name), in: folder),
                try Pixels(of: results[1].path(size.name), in: folder)
            )
            // GIF has 256 colours.
            let least = size.format == .gif ? 30.0 : 36
            #expect(try #require(planes.likeness(to: vips)) > least, "\(size.name)")
        }
    }

    @Test("A profile that describes sRGB changes nothing")
    func sameColours() throws {
        let photo = try tagged("srgb")
        let plain = folder.file("plain.jpg")
        try FileManager.default.copyItem(atPath: photo, toPath: plain)
        try Photos.tag(plain, ["-ICC_Profile="])
        let results = try [photo, plain].map { try Resizer.render($0, as: .jpeg, in: folder) }
        let files = try results.map { result in
            try ["thumbnail", "small"].map { try Photos.bytes(of: result.path($0)) }
        }
        #expect(try Photos.bytes(of: photo) != Photos.bytes(of: plain))
        #expect(files[0] == files[1])
    }

    @Test("Any other profile is applied")
    func otherColours() throws {
        let photo = try tagged("p3")
        let plain = folder.file("plain.jpg")
        try FileManager.default.copyItem(atPath: photo, toPath: plain)
        try Photos.tag(plain, ["-ICC_Profile="])
        let preset = Preset(sizes: [
            .init(name: "small", box: PixelSize(width: 300, height: 300), format: .png)
        ])
        func variant(_ path: String, usesPlanes: Bool) throws -> Pixels {
            let result = try Resizer.render(
                path, as: .jpeg, preset: preset, usesPlanes: usesPlanes, in: folder)
            return try Pixels(of: result.path("small"), in: folder)
        }
        let shown = try variant(photo, usesPlanes: true)
        let same = try #require(shown.likeness(to: variant(photo, usesPlanes: false)))
        let other = try #require(shown.likeness(to: variant(plain, usesPlanes: false)))
        #expect(same > other + 5, "\(same) \(other)")
    }

    /// - Parameter profile: one that libvips has.
    private func tagged(_ profile: String) throws -> String {
        let pixels = try Photos.pixels(width: 433, height: 322, in: folder)
        let photo = folder.file("\(profile).jpg")
        try Photos.vips(["jpegsave", pixels, photo, "--Q", "95", "--profile", profile])
        return photo
    }

    /// Luma's sampling factors, such as `2 2`.
    private func sampling(_ path: String) throws -> String {
        try Shell.check("exiftool", ["-s3", "-n", "-YCbCrSubSampling", path]).text
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
