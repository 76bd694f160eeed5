import Model
import Support
import Testing

@testable import Resizing

/// HEIC as phones write it: the pixels are stored in the sensor's orientation and a property rotates them,
/// EXIF repeats the rotation, and the file has a depth map. Debian's encoder writes none of these, so the
/// tests overwrite a property in its files: ISO/IEC 23008-12, 6.5.10 (`irot`) and 6.5.12 (`imir`).
@Suite("Photos from phones") struct PhoneTests {
    let folder = TemporaryFolder()

    struct Turn: Sendable {
        /// The property, which replaces one that is not needed (`pixi`), and its first byte.
        let property: String
        let value: UInt8
        /// The same turn as a vips operation, and as an EXIF orientation.
        let steps: [String]
        let orientation: Int
        let isTurned: Bool
    }

    @Test(
        "A HEIC is turned by its own property, and not also by EXIF",
        arguments: [
            Turn(
                property: "irot", value: 1, steps: ["rot", "d270"], orientation: 8,
                isTurned: true),
            Turn(
                property: "irot", value: 2, steps: ["rot", "d180"], orientation: 3,
                isTurned: false),
            Turn(
                property: "irot", value: 3, steps: ["rot", "d90"], orientation: 6,
                isTurned: true),
            Turn(
                property: "imir", value: 1, steps: ["flip", "horizontal"], orientation: 2,
                isTurned: false),
        ])
    func turned(_ turn: Turn) throws {
        let stored = try Photos.pixels(width: 400, height: 300, in: folder)
        let plain = folder.file("plain.heic")
        try Photos.vips(["copy", stored, "\(plain)[Q=80]"])
        let photo = try Photos.write(
            replacing(
                "pixi", by: turn.property, value: turn.value, in: try Photos.bytes(of: plain)),
            to: folder.file("phone.heic"))
        try Photos.tag(photo, ["-Orientation#=\(turn.orientation)"])

        let result = try Resizer.render(photo, as: .heic, fit: .inside, in: folder)
        let upright = turn.isTurned ? (300, 400) : (400, 300)
        #expect(
            result.rendering?.pixels == PixelSize(width: upright.0, height: upright.1),
            "\(result.report)")
        let expected = folder.file("expected.png")
        try Photos.vips([turn.steps[0], stored, expected, turn.steps[1]])
        let small = try #require(result.rendering?.variants.first { $0.name == "small" })
        let reference = try Pixels.reference(
            expected, crop: PixelSize(width: upright.0, height: upright.1), to: small.pixels,
            in: folder)
        let likeness = try Pixels(of: result.path("small"), in: folder).likeness(to: reference)
        #expect(try #require(likeness) > 28, "\(likeness ?? 0)")
    }

    @Test("A depth map in the file is not shown")
    func depth() throws {
        // Debian's encoder writes alpha as a second image. A depth map is a second image too, with
        // another name of the same length (ISO/IEC 23008-12, 6.5.8 and B.2.4).
        let photo = folder.file("depth.heic")
        try Photos.vips(["thumbnail", Photos.transparent, photo, "800"])
        var bytes = try Photos.bytes(of: photo)
        let name = Array("hevc:2015:auxid:1".utf8)
        let start = try #require(bytes.firstRange(of: name))
        bytes[start.upperBound - 1] = UInt8(ascii: "2")
        _ = try Photos.write(bytes, to: photo)

        let result = try Resizer.render(photo, as: .heic, fit: .inside, in: folder)
        #expect(result.rendering?.pixels.width == 800, "\(result.report)")
        #expect(try Pixels(of: result.path("small"), in: folder).bands == 3)
    }

    private func replacing(
        _ name: String, by other: String, value: UInt8, in bytes: [UInt8]
    ) throws -> [UInt8] {
        let place = try #require(bytes.firstRange(of: Array(name.utf8)))
        return bytes[..<place.lowerBound] + Array(other.utf8) + [value]
            + bytes[(place.upperBound + 1)...]
    }
}
