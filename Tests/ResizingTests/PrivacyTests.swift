import Foundation
import Model
import Support
import Testing

@testable import Resizing

@Suite struct PrivacyTests {
    let folder = TemporaryFolder()

    @Test(
        "No variant contains where, when or by whom the photo was taken",
        arguments: [ImageFormat.jpeg, .png, .webp, .gif, .avif, .heic])
    func nothingLeft(_ format: ImageFormat) throws {
        let photo = try Photos.converted(
            to: format.fileExtension, width: 600, height: 450,
            options: format == .avif ? "effort=0,bitdepth=8" : "", in: folder)
        try Photos.tag(
            photo,
            format == .gif
                ? ["-XMP:Creator=Erika Mustermann", "-Comment=by Erika Mustermann"]
                : Photos.privateTags)
        let before = try text(of: [photo])
        #expect(before.contains("Mustermann"))
        #expect(!groups(in: before).isDisjoint(with: ["EXIF", "XMP", "IPTC"]))
        let result = try Resizer.render(photo, as: format, in: folder)
        let files = TemporaryFolder.files(below: result.folder).map { "\(result.folder)/\($0)" }
        #expect(files.count == 4)
        // All files at once, because each start of exiftool takes a quarter of a second.
        let found = try text(of: files)
        for file in files { #expect(found.contains(file)) }
        #expect(
            groups(in: found).isDisjoint(with: [
                "EXIF", "GPS", "XMP", "IPTC", "MakerNotes", "ICC_Profile",
            ]))
        #expect(groups(in: found).contains("File"))
        #expect(!found.contains("Mustermann"))
    }

    @Test("A WebP file without metadata is valid: lengths and flags match its content")
    func webp() throws {
        let photo = try Photos.converted(to: "webp", width: 300, height: 200, in: folder)
        try Photos.tag(photo, Photos.privateTags)
        let stripped = WebP.withoutMetadata(try Photos.bytes(of: photo))
        let path = try Photos.write(stripped, to: folder.file("stripped.webp"))
        let found = try text(of: [path])
        #expect(groups(in: found).isDisjoint(with: ["EXIF", "XMP"]))
        #expect(!found.contains("Warning"))
        let likeness = try Pixels(of: photo, in: folder).likeness(to: Pixels(of: path, in: folder))
        #expect(likeness ?? 0 > 90)
    }

    @Test("A WebP file that ends within a chunk is not changed")
    func cutWebP() throws {
        let photo = try Photos.converted(to: "webp", width: 300, height: 200, in: folder)
        let cut = Array(try Photos.bytes(of: photo).dropLast(20))
        #expect(WebP.withoutMetadata(cut) == cut)
    }

    /// All that exiftool finds, with its groups; with several files, each file's name comes first.
    private func text(of paths: [String]) throws -> String {
        try Shell.run("exiftool", ["-a", "-G0:1", "-s"] + paths).text
    }

    private func groups(in text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").flatMap { line in
                line.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" }.split(separator: ":")
                    .map(String.init)
            })
    }
}
