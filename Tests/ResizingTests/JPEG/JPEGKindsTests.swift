import Foundation
import Model
import Support
import Testing

@testable import Resizing

@Suite struct JPEGKindsTests {
    let folder = TemporaryFolder()

    private func bytes() throws -> [UInt8] {
        try Photos.bytes(of: Photos.jpeg(width: 64, height: 48, in: folder))
    }

    /// The position of the frame header's marker (ITU-T T.81, B.2.2).
    private func frame(in bytes: [UInt8]) throws -> Int {
        try #require(bytes.firstRange(of: [0xFF, 0xC0])?.lowerBound)
    }

    @Test(
        "A JPEG of a kind that libjpeg cannot decode is refused by its name, and not called damaged",
        arguments: [
            (0xC3, 8, "lossless JPEG"), (0xCB, 8, "lossless JPEG"), (0xC5, 8, "hierarchical JPEG"),
            (0xC7, 8, "hierarchical JPEG"), (0xCE, 8, "hierarchical JPEG"), (0xF7, 8, "JPEG-LS"),
            (0xC1, 12, "JPEG with 12 bits per channel"),
            (0xC2, 12, "JPEG with 12 bits per channel"),
        ] as [(UInt8, UInt8, String)])
    func kinds(_ marker: UInt8, _ depth: UInt8, _ name: String) throws {
        var file = try bytes()
        let start = try frame(in: file)
        file[start + 1] = marker
        file[start + 4] = depth
        let path = try Photos.write(file, to: folder.file("kind.jpg"))
        let result = try Resizer.render(path, as: .jpeg, in: folder)
        #expect(result.imageFailed == "unsupported_image", "\(result.report)")
        let sentence = try #require(result.failure?.sentence)
        #expect(sentence.contains(name) && !sentence.contains("damage"), "\(sentence)")
    }

    @Test("An ordinary JPEG that is damaged is called damaged")
    func damaged() throws {
        let file = try bytes()
        let path = try Photos.write(file.prefix(file.count / 2), to: folder.file("cut.jpg"))
        #expect(try Resizer.render(path, as: .jpeg, in: folder).imageFailed == "corrupt_image")
        #expect(JPEGFile.unsupportedKind(file) == nil)
        #expect(JPEGFile.unsupportedKind([0xFF, 0xD8]) == nil)
        #expect(JPEGFile.unsupportedKind([0xFF, 0xD8, 0xFF, 0xC3, 0, 1]) == nil)
    }

    enum Ink: CaseIterable { case marked, unmarked, ycck }

    /// As in browsers, 255 means no ink, with and without Adobe's marker (APP14).
    @Test(
        "Ink without a profile is shown as the light that it lets through", arguments: Ink.allCases)
    func ink(_ kind: Ink) throws {
        let inks = [
            [0, 0, 0, 0], [255, 0, 0, 0], [0, 200, 100, 50], [90, 60, 30, 120], [0, 0, 0, 255],
        ]
        let pixels = try Photos.write(inks.joined().map(UInt8.init), to: folder.file("ink.raw"))
        let (raw, small, wide) = (
            folder.file("raw.v"), folder.file("small.v"), folder.file("wide.v")
        )
        let path = folder.file("ink.jpg")
        try Photos.vips(["rawload", pixels, raw, "5", "1", "4"])
        try Photos.vips(["copy", raw, small, "--interpretation", "cmyk"])
        try Photos.vips(["zoom", small, wide, "16", "16"])
        try Photos.vips([
            "jpegsave", wide, path, "--Q", "100", "--subsample-mode", "off", "--strip",
        ])
        var file = try Photos.bytes(of: path)
        let adobe = try #require(file.firstRange(of: Array("Adobe".utf8))?.lowerBound)
        #expect(file[adobe + 11] == 0)
        switch kind {
        case .marked: break
        case .unmarked: file.removeSubrange(adobe - 4..<adobe + 12)
        case .ycck: file[adobe + 11] = 2
        }
        let decoded = try Decoded(file, as: .jpeg, in: folder)
        #expect(decoded.bands == 3)
        for (index, ink) in inks.enumerated() {
            let kept = ink.map { 255.0 - Double($0) }
            let light = kind == .ycck ? Self.inverseRGB(kept) : Array(kept.prefix(3))
            let wanted = light.map { $0 * kept[3] / 255 }
            let found = decoded[index * 16 + 8, 8]
            let isRight = zip(found, wanted).allSatisfy { abs(Double($0) - $1) <= 4 }
            #expect(isRight, "\(ink): \(found), not \(wanted)")
        }
    }

    /// From the first three components of YCCK (ITU-T T.872, 6.5.3).
    private static func inverseRGB(_ values: [Double]) -> [Double] {
        let (y, blue, red) = (values[0], values[1] - 128, values[2] - 128)
        return [y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue].map {
            255 - min(255, max(0, $0))
        }
    }
}
