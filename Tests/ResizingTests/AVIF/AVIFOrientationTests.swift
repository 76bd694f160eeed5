import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// Rotation, mirroring and cropping by properties (ISO/IEC 23008-12, 6.5.9, 6.5.10 and 6.5.12).
@Suite struct AVIFOrientationTests {
    let folder = TemporaryFolder()
    private let image: TestImage
    private let colour: HEIFMaker.Item
    private let alpha: HEIFMaker.Item

    /// Six patches of their own colour and alpha.
    init() throws {
        image = TestImage(48, 32, bands: 4) { x, y in
            let patch = x / 16 + 3 * (y / 16)
            return [40 * patch, 255 - 45 * patch, patch % 2 * 200, 255 - 30 * patch]
        }
        let file = try AVIFEncoder.file(
            image.write("patches.png", in: folder),
            options: AVIFEncoder.lossless + ["-y", "444", "--nclx", "1/13/0"], in: folder)
        let items = try HEIFMaker.items(of: file, in: folder)
        (colour, alpha) = (items.colour, try #require(items.alpha))
    }

    struct Turn: Sendable, CustomTestStringConvertible {
        let quarters: Int
        /// 0 exchanges top and bottom, 1 left and right.
        let mirror: Int?
        var testDescription: String {
            "\(quarters) quarters, mirror \(mirror.map(String.init) ?? "")"
        }

        static let all = (0..<4).flatMap { quarters in
            [nil, 0, 1].map { Turn(quarters: quarters, mirror: $0) }
        }

        var properties: [[UInt8]] {
            [HEIFMaker.turn(UInt8(quarters))] + (mirror.map { [HEIFMaker.mirror(UInt8($0))] } ?? [])
        }

        /// Rotated counter-clockwise, then mirrored.
        func applied(to image: TestImage) -> TestImage {
            var turned = image
            for _ in 0..<quarters {
                let old = turned
                turned = TestImage(old.height, old.width, bands: old.bands) { x, y in
                    old[old.width - 1 - y, x]
                }
            }
            let (old, mirror) = (turned, mirror)
            return TestImage(old.width, old.height, bands: old.bands) { x, y in
                old[
                    mirror == 1 ? old.width - 1 - x : x, mirror == 0 ? old.height - 1 - y : y]
            }
        }
    }

    @Test(
        "Colours and alpha are turned once, also if alpha has the properties too",
        arguments: Turn.all)
    func turns(_ turn: Turn) throws {
        let wanted = turn.applied(to: image)
        for isAlphaTurned in [false, true] {
            for isFirst in [false, true] {
                var items = [colour, alpha]
                for index in 0..<(isAlphaTurned ? 2 : 1) {
                    items[index].properties.insert(
                        contentsOf: turn.properties, at: isFirst ? 0 : 2)
                }
                try expect(items, wanted)
            }
        }
        var opaque = colour
        opaque.properties += turn.properties
        let plain = TestImage(wanted.width, wanted.height) { x, y in Array(wanted[x, y].prefix(3)) }
        try expect([opaque], plain)
    }

    @Test("A crop shows its part, also at odd places, before the rotation")
    func crops() throws {
        for (left, top, width, height) in [
            (0, 0, 32, 16), (16, 16, 16, 16), (5, 3, 21, 17), (1, 1, 47, 31), (13, 7, 2, 2),
        ] {
            let crop = Self.crop(left, top, width, height, of: image)
            let part = TestImage(width, height, bands: 4) { x, y in image[left + x, top + y] }
            for isAlphaCropped in [false, true] {
                var items = [colour, alpha]
                for index in 0..<(isAlphaCropped ? 2 : 1) { items[index].properties.append(crop) }
                try expect(items, part)
                items[0].properties += [HEIFMaker.turn(1), HEIFMaker.mirror(0)]
                try expect(items, Turn(quarters: 1, mirror: 0).applied(to: part))
            }
        }
    }

    @Test("A crop at an odd place is exact in 4:2:0 too")
    func subsampled() throws {
        let file = try AVIFEncoder.file(
            image.write("patches.png", in: folder), options: AVIFEncoder.lossless + ["-y", "420"],
            in: folder)
        let coded = try HEIFMaker.items(of: file, in: folder).colour
        let whole = try Decoded(Self.file([coded]), as: .avif, in: folder)
        var cropped = coded
        cropped.properties.append(Self.crop(7, 5, 31, 23, of: image))
        let part = try Decoded(Self.file([cropped]), as: .avif, in: folder)
        #expect(part.width == 31 && part.height == 23)
        for y in 0..<part.height {
            for x in 0..<part.width { #expect(part[x, y] == whole[x + 7, y + 5], "\(x), \(y)") }
        }
    }

    @Test(
        "A crop that is invalid or outside of the image is ignored; one that overlaps its edge is cut"
    )
    func oddCrops() throws {
        for numbers in [
            [48, 0, 32, 1, 0, 1, 0, 1], [48, 1, 32, 1, 0, 0, 0, 1], [16, 1, 16, 1, 500, 1, 0, 1],
            [0, 1, 0, 1, 0, 1, 0, 1],
        ] {
            var item = colour
            item.properties.append(
                HEIFMaker.box("clap", numbers.flatMap { HEIFMaker.number($0, 4) }))
            let decoded = try Decoded(Self.file([item]), as: .avif, in: folder)
            #expect(decoded.width == 48 && decoded.height == 32, "\(numbers)")
        }
        var item = colour
        item.properties.append(Self.crop(32, 0, 32, 32, of: image))
        let decoded = try Decoded(Self.file([item]), as: .avif, in: folder)
        #expect(decoded.width == 16 && decoded.height == 32)
    }

    /// The middle of the part is at this distance from the middle of the image, in halves of a pixel.
    private static func crop(
        _ left: Int, _ top: Int, _ width: Int, _ height: Int, of image: TestImage
    ) -> [UInt8] {
        let numbers = [
            width, 1, height, 1, 2 * left + width - image.width, 2,
            2 * top + height - image.height, 2,
        ]
        return HEIFMaker.box("clap", numbers.flatMap { HEIFMaker.number($0, 4) })
    }

    private static func file(_ items: [HEIFMaker.Item]) -> [UInt8] {
        HEIFMaker(.avif, items[0], side: 0).file(items)
    }

    private func expect(_ items: [HEIFMaker.Item], _ wanted: TestImage) throws {
        let decoded = try Decoded(Self.file(items), as: .avif, in: folder)
        try #require(decoded.width == wanted.width && decoded.height == wanted.height)
        try #require(decoded.bands == wanted.bands)
        var wrong = 0
        for y in 0..<wanted.height {
            for x in 0..<wanted.width where decoded[x, y] != wanted[x, y] { wrong += 1 }
        }
        #expect(wrong == 0)
    }
}
