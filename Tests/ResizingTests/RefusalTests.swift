import Foundation
import Model
import Support
import Testing

@testable import Resizing

@Suite struct RefusalTests {
    let folder = TemporaryFolder()

    @Test(
        "A format that libvips can load but Multires does not accept is refused under any name",
        arguments: ["tif", "ppm", "pfm", "hdr", "v", "jp2", "fits", "mat", "csv", "jxl"])
    func blockedLoaders(_ kind: String) throws {
        // Small and grey, so that every one of these formats can hold it.
        let grey = folder.file("grey.png")
        let source = try Photos.pixels(width: 16, height: 16, in: folder)
        try Photos.vips(["colourspace", source, grey, "b-w"])
        let file = folder.file("picture.\(kind)")
        if kind == "pfm" {
            try Photos.vips(["cast", grey, file, "float"])
        } else {
            try Photos.vips(["copy", grey, file])
        }
        try expectRefusal(of: file)
    }

    @Test(
        "Documents, scripts and text are refused under any name",
        arguments: [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><rect width=\"9\" height=\"9\"/></svg>",
            "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>",
            "push graphic-context\nviewbox 0 0 640 480\nfill 'url(https://example.invalid/)'\n",
            "#?RADIANCE\n", "3 3\n1 2 3\n4 5 6\n7 8 9\n", "just text", "<!doctype html><p>", "",
        ])
    func documents(_ text: String) throws {
        try expectRefusal(of: try Photos.write(Array(text.utf8), to: folder.file("picture.jpg")))
    }

    @Test("An image of another format than declared is refused")
    func otherFormat() throws {
        let png = try Photos.pixels(width: 32, height: 32, in: folder)
        let jpeg = try Photos.jpeg(width: 32, height: 32, in: folder)
        #expect(
            try Resizer.render(png, as: .jpeg, in: folder).imageFailed == "unsupported_media_type")
        #expect(
            try Resizer.render(jpeg, as: .png, in: folder).imageFailed == "unsupported_media_type")
        #expect(try Resizer.render(png, as: .png, in: folder).imageFailed == nil)
    }

    @Test("A truncated JPEG is refused and leaves no variant")
    func truncatedJPEG() throws {
        let result = try Resizer.render(
            try Photos.truncatedJPEG(in: folder), as: .jpeg, in: folder)
        #expect(result.imageFailed == "corrupt_image")
        #expect(TemporaryFolder.files(below: result.folder).isEmpty)
    }

    @Test(
        "A file that is cut off at its end is refused, even if no variant shows that part",
        arguments: [
            (ImageFormat.jpeg, ""), (.jpeg, "interlace"), (.png, ""), (.png, "interlace"),
            (.webp, ""), (.gif, ""),
        ])
    func truncated(_ format: ImageFormat, _ options: String) throws {
        // A tall photo, of which cover shows only the middle.
        let photo = try Photos.converted(
            to: format.fileExtension, width: 400, height: 1200, options: options, in: folder)
        let bytes = try Photos.bytes(of: photo)
        for part in [0.5, 0.98] {
            let cut = try Photos.write(
                bytes[..<Int(Double(bytes.count) * part)], to: folder.file("cut"))
            let result = try Resizer.render(cut, as: format, in: folder)
            #expect(result.imageFailed == "corrupt_image", "\(part)")
            #expect(TemporaryFolder.files(below: result.folder).isEmpty)
        }
    }

    @Test("Bytes after the image, as many phones write them, are ignored")
    func trailing() throws {
        let photo = try Photos.jpeg(width: 400, height: 1200, in: folder)
        let longer = try Photos.write(
            try Photos.bytes(of: photo) + Array("trailer".utf8), to: folder.file("longer.jpg"))
        #expect(try Resizer.render(longer, as: .jpeg, in: folder).shapes.count == 4)
    }

    @Test("Noise within an image gives variants or a refusal, never another error")
    func noise() throws {
        for format in [ImageFormat.jpeg, .png, .webp, .gif] {
            let photo = try Photos.converted(
                to: format.fileExtension, width: 300, height: 200, in: folder)
            let bytes = try Photos.bytes(of: photo)
            for seed in 0..<40 {
                var noisy = bytes
                // A fixed sequence (Knuth's MMIX generator), so that a failure can be repeated.
                var state = UInt64(seed)
                for _ in 0..<20 {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    noisy[Int(state >> 33) % noisy.count] = UInt8(truncatingIfNeeded: state >> 24)
                }
                let file = try Photos.write(noisy, to: folder.file("noisy"))
                let result = try Resizer.render(file, as: format, in: folder)
                #expect(result.rendering != nil || result.imageFailed != nil, "\(format) \(seed)")
            }
        }
    }

    private func expectRefusal(of file: String) throws {
        for format in ImageFormat.allCases {
            let result = try Resizer.render(file, as: format, in: folder)
            #expect(result.imageFailed == "unsupported_media_type", "\(file) as \(format)")
            #expect(TemporaryFolder.files(below: result.folder).isEmpty)
        }
    }
}
