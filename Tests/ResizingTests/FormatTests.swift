import Model
import Support
import Testing

@testable import Resizing

@Suite struct FormatTests {
    let folder = TemporaryFolder()

    @Test(
        "Every format gives four variants like the original, in its own format (HEIC in JPEG)",
        arguments: [
            (ImageFormat.jpeg, "", 28.0), (.jpeg, "interlace", 28), (.png, "", 38),
            (.png, "interlace", 38), (.png, "palette", 24), (.webp, "", 28),
            (.webp, "lossless", 28),
            (.gif, "", 20), (.avif, "effort=0,bitdepth=8", 28), (.heic, "", 28),
        ])
    func formats(_ format: ImageFormat, _ options: String, _ least: Double) throws {
        let photo = try Photos.converted(
            to: format.fileExtension, width: 720, height: 540, options: options, in: folder)
        let source = try Photos.pixels(width: 720, height: 540, in: folder)
        // The fit does not depend on the format, so one format tests both.
        for fit in format == .jpeg ? [Fit.cover, .inside] : [.cover] {
            let result = try Resizer.render(photo, as: format, fit: fit, in: folder)
            #expect(
                result.shapes
                    == (fit == .cover
                        ? ["150x150", "480x480", "540x540", "540x540"]
                        : ["150x113", "480x360", "720x540", "720x540"]))
            #expect(
                result.rendering?.variants.allSatisfy { $0.format == format.ofVariants } == true)
            let crop = PixelSize(width: fit == .cover ? 540 : 720, height: 540)
            let small = try #require(result.rendering?.variants[1])
            let reference = try Pixels.reference(source, crop: crop, to: small.pixels, in: folder)
            let likeness = try Pixels(of: result.path("small"), in: folder).likeness(to: reference)
            #expect(try #require(likeness) > least, "\(fit) \(likeness ?? 0)")
        }
    }

    @Test(
        "Transparency is kept, and transparent colours do not bleed",
        arguments: [ImageFormat.png, .webp, .avif])
    func alpha(_ format: ImageFormat) throws {
        let original = folder.file("alpha.\(format.fileExtension)")
        try Photos.vips([
            "copy", Photos.transparent,
            format == .avif ? "\(original)[effort=0,bitdepth=8]" : original,
        ])
        let result = try Resizer.render(original, as: format, in: folder)
        let path = result.path("small")
        let small = try Pixels(of: path, in: folder)
        #expect(small.bands == 4)
        #expect(small.mean(3) < 250)

        // On white, the variant looks like the original on white.
        let onWhite = folder.file("white.png")
        try Photos.vips(["flatten", Photos.transparent, onWhite, "--background", "255"])
        let reference = try Pixels.reference(
            onWhite, crop: PixelSize(width: 1200, height: 1200),
            to: PixelSize(width: 480, height: 480), in: folder)
        let seen = folder.file("seen.png")
        try Photos.vips(["flatten", path, seen, "--background", "255"])
        let likeness = try Pixels(of: seen, in: folder).likeness(to: reference)
        #expect(try #require(likeness) > 35, "\(likeness ?? 0)")
    }

    @Test("16-bit images become 8-bit with the same colours", arguments: ["rgb16", "grey16"])
    func sixteenBits(_ space: String) throws {
        let source = try Photos.pixels(width: 800, height: 600, in: folder)
        let deep = folder.file("deep.png")
        try Photos.vips(["colourspace", source, deep, space])
        let result = try Resizer.render(deep, as: .png, fit: .inside, in: folder)
        let small = try Pixels(of: result.path("small"), in: folder)
        #expect(try Shell.run("vipsheader", [result.path("small")]).text.contains("uchar"))
        let flat = folder.file("flat.png")
        try Photos.vips(["colourspace", deep, flat, space == "rgb16" ? "srgb" : "b-w"])
        let reference = try Pixels.reference(
            flat, crop: PixelSize(width: 800, height: 600), to: PixelSize(width: 480, height: 360),
            in: folder)
        let likeness = small.likeness(to: reference)
        #expect(try #require(likeness) > 40, "\(likeness ?? 0)")
    }

    @Test(
        "A grey image stays grey and keeps its brightness",
        arguments: [ImageFormat.jpeg, .png, .webp])
    func grey(_ format: ImageFormat) throws {
        let source = try Photos.pixels(width: 800, height: 600, in: folder)
        let grey = folder.file("grey.\(format.fileExtension)")
        try Photos.vips(["colourspace", source, grey, "b-w"])
        let result = try Resizer.render(grey, as: format, fit: .inside, in: folder)
        let small = try Pixels(of: result.path("small"), in: folder)
        let original = try Pixels(of: grey, in: folder)
        for band in 0..<small.bands {
            #expect(abs(small.mean(band) - original.mean(0)) < 6)
        }
    }

    @Test("CMYK and wide-gamut images become sRGB", arguments: ["cmyk", "p3"])
    func profiles(_ profile: String) throws {
        let source = try Photos.pixels(width: 800, height: 600, in: folder)
        let tagged = folder.file("tagged.jpg")
        try Photos.vips([
            "icc_transform", source, "\(tagged)[Q=95]", profile, "--input-profile", "srgb",
        ])
        let result = try Resizer.render(tagged, as: .jpeg, fit: .inside, in: folder)
        let small = try Pixels(of: result.path("small"), in: folder)
        #expect(small.bands == 3)
        let reference = try Pixels.reference(
            source, crop: PixelSize(width: 800, height: 600),
            to: PixelSize(width: 480, height: 360),
            in: folder)
        let likeness = small.likeness(to: reference)
        #expect(try #require(likeness) > 27, "\(likeness ?? 0)")
    }

    @Test("A CMYK image without a profile is rendered with similar colours")
    func untaggedInk() throws {
        let source = try Photos.pixels(width: 800, height: 600, in: folder)
        let ink = folder.file("ink.jpg")
        try Photos.vips([
            "icc_transform", source, "\(ink)[Q=95,strip]", "cmyk", "--input-profile", "srgb",
        ])
        let result = try Resizer.render(ink, as: .jpeg, fit: .inside, in: folder)
        let small = try Pixels(of: result.path("small"), in: folder)
        let original = try Pixels(of: source, in: folder)
        #expect(small.bands == 3)
        for band in 0..<3 { #expect(abs(small.mean(band) - original.mean(band)) < 14) }
    }

    @Test("A profile that does not fit its image is ignored, as in browsers")
    func oddProfile() throws {
        let source = try Photos.pixels(width: 800, height: 600, in: folder)
        let odd = folder.file("odd.jpg")
        try Photos.vips(["jpegsave", source, odd, "--profile", "cmyk"])
        let result = try Resizer.render(odd, as: .jpeg, fit: .inside, in: folder)
        #expect(result.shapes.count == 4, "\(result.report)")
    }
}
