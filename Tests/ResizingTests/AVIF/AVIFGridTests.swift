import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// Images that are assembled from tiles (ISO/IEC 23008-12, 6.6.2.3).
@Suite struct AVIFGridTests {
    let folder = TemporaryFolder()
    private static let colours = [[220, 30, 40], [20, 200, 60], [40, 60, 210], [240, 240, 30]]
    private static let alphas = [255, 40, 130, 200]
    private let tiles: [HEIFMaker.Item]
    private let alphaTiles: [HEIFMaker.Item]

    init() throws {
        var made: [(colour: HEIFMaker.Item, alpha: HEIFMaker.Item?)] = []
        for index in 0..<4 {
            let tile = TestImage(64, 64, bands: 4) { _, _ in
                Self.colours[index] + [Self.alphas[index] - 1]
            }
            let file = try AVIFEncoder.file(
                tile.write("tile-\(index).png", in: folder),
                options: AVIFEncoder.lossless + ["-y", "444"], in: folder)
            made.append(try HEIFMaker.items(of: file, in: folder))
        }
        tiles = made.map(\.colour)
        alphaTiles = try made.map { try #require($0.alpha) }
    }

    private var maker: HEIFMaker { HEIFMaker(.avif, tiles[0], side: 64) }

    private func grid(_ order: [Int], _ width: Int = 128, _ height: Int = 128) -> HEIFMaker.Item {
        HEIFMaker.Item(
            kind: "grid", properties: [HEIFMaker.size(width, height)],
            data: [0, 0, 1, 1] + HEIFMaker.number(width, 2) + HEIFMaker.number(height, 2),
            references: [("dimg", order)])
    }

    private func expect(
        _ items: [HEIFMaker.Item], _ order: [Int], alpha: [Int]? = nil,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let decoded = try Decoded(maker.file(items), as: .avif, in: folder)
        for (place, tile) in order.enumerated() {
            let (x, y) = (place % 2 * 64 + 30, place / 2 * 64 + 30)
            let wanted = Self.colours[tile] + (alpha.map { [$0[place]] } ?? [])
            let found = decoded[x, y]
            #expect(
                found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) <= 2 },
                "tile \(place): \(found), not \(wanted)", sourceLocation: location)
        }
    }

    @Test(
        "Tiles are placed in the order of the grid, whatever order their items have",
        arguments: [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
    func order(_ order: [Int]) throws {
        try expect([grid(order.map { $0 + 2 })] + tiles, order)
        // A tile that the file names before the list of tiles.
        var named = tiles
        named[3].references = [("cdsc", [3])]
        try expect([grid(order.map { $0 + 2 })] + named, order)
        var items = [grid(order.map { $0 + 2 })] + tiles
        items[0].references.insert(("cdsc", [5, 4]), at: 0)
        try expect(items, order)
    }

    @Test("A grid is rotated and cropped as a whole; its right and lower edges may be cropped")
    func parts() throws {
        var turned = grid([2, 3, 4, 5])
        turned.properties.append(HEIFMaker.turn(1))
        try expect([turned] + tiles, [1, 3, 0, 2])
        for (width, height) in [(100, 90), (66, 128), (128, 66)] {
            let bytes = maker.file([grid([2, 3, 4, 5], width, height)] + tiles)
            let decoded = try Decoded(bytes, as: .avif, in: folder)
            #expect(decoded.width == width && decoded.height == height)
        }
    }

    @Test("The alpha of a grid may be a grid, or each tile may have its own")
    func alpha() throws {
        let wanted = Self.alphas.map { $0 - 1 }
        var parts = alphaTiles
        for index in 0..<4 { parts[index].references = [("auxl", [index + 2])] }
        try expect([grid([2, 3, 4, 5])] + tiles + parts, [0, 1, 2, 3], alpha: wanted)
        try expect(
            [grid([5, 3, 4, 2])] + tiles + parts, [3, 1, 2, 0],
            alpha: [wanted[3], wanted[1], wanted[2], wanted[0]])

        var alpha = grid([7, 8, 9, 10])
        alpha.properties.append(HEIFMaker.isAlpha)
        alpha.references.append(("auxl", [1]))
        for index in 0..<4 { parts[index].references = [] }
        try expect([grid([2, 3, 4, 5])] + tiles + [alpha] + parts, [0, 1, 2, 3], alpha: wanted)
    }

    /// libavif 0.11 ignores a tile of another kind, so its size is not checked there; 1.2 refuses it.
    @Test("A size that no image has does not overflow")
    func overflow() throws {
        for side in [0x7FFF_FFFF, 0xFFFF_FFFF] {
            let other = HEIFMaker.Item(kind: "none", properties: [HEIFMaker.size(side, side)])
            let bytes = maker.file([grid([2, 3, 4, 5, 6])] + tiles + [other])
            let path = try Photos.write(bytes, to: folder.file("huge.avif"))
            let result = try Resizer.render(path, as: .avif, in: folder)
            #expect(result.rendering != nil || result.imageFailed == "corrupt_image")
        }
        #expect(PixelSize(width: 0xFFFF_FFFF, height: 0xFFFF_FFFF).area == .max)
        #expect(RenderLimits.megapixels(.max).contains("megapixels"))
    }

    @Test("A file that leaves pixels undefined is never shown")
    func holes() throws {
        var files: [(String, [HEIFMaker.Item])] = [
            ("too wide", [grid([2, 3, 4, 5], 129, 128)] + tiles),
            ("too high", [grid([2, 3, 4, 5], 128, 129)] + tiles),
            ("far too large", [grid([2, 3, 4, 5], 512, 512)] + tiles),
            ("a tile too few", [grid([2, 3, 4])] + tiles),
            ("no tiles", [grid([])] + tiles),
            ("a tile that does not exist", [grid([2, 3, 4, 9])] + tiles),
            ("a grid of itself", [grid([1, 1, 1, 1])] + tiles),
        ]
        func add(_ what: String, _ change: (inout HEIFMaker.Item) -> Void) {
            var changed = tiles
            change(&changed[3])
            files.append((what, [grid([2, 3, 4, 5])] + changed))
        }
        add("a tile without data") { $0.data = [] }
        add("a cut tile") { $0.data.removeLast($0.data.count / 2) }
        add("a tile that is another grid") { $0 = grid([2, 3, 4, 5]) }
        for (what, items) in files {
            let path = try Photos.write(maker.file(items), to: folder.file("hole.avif"))
            let result = try Resizer.render(path, as: .avif, in: folder)
            // libavif 1.2 calls some of these unsupported.
            #expect(
                ["corrupt_image", "unsupported_image"].contains(result.imageFailed),
                "\(what): \(result.report)")
        }
        let known = "\(Programs.projectFolder)/Tests/ResizingTests/Memory/hole.avif"
        #expect(try Resizer.render(known, as: .avif, in: folder).imageFailed == "corrupt_image")
    }

    @Test("Tiles that claim to be larger are enlarged, as in browsers")
    func enlarged() throws {
        var claims = tiles
        for index in 0..<4 { claims[index].properties[0] = HEIFMaker.size(128, 128) }
        let bytes = maker.file([grid([2, 3, 4, 5], 256, 256)] + claims)
        let decoded = try Decoded(bytes, as: .avif, in: folder)
        for y in 0..<256 {
            for x in 0..<256 {
                let wanted = Self.colours[x / 128 + y / 128 * 2]
                let isRight = zip(decoded[x, y], wanted).allSatisfy { abs($0 - $1) <= 2 }
                if !isRight {
                    Issue.record("\(x), \(y): \(decoded[x, y])")
                    return
                }
            }
        }
    }

    @Test("A tile of another size leaves nothing undefined, or is refused")
    func oddTile() throws {
        let small = TestImage(32, 32) { _, _ in [9, 9, 9] }
        let file = try AVIFEncoder.file(
            small.write("small.png", in: folder), options: AVIFEncoder.lossless + ["-y", "444"],
            in: folder)
        for index in 0..<4 {
            var items = tiles
            items[index] = try HEIFMaker.items(of: file, in: folder).colour
            let path = try Photos.write(
                maker.file([grid([2, 3, 4, 5])] + items), to: folder.file("odd.avif"))
            let result = try Resizer.render(path, as: .avif, in: folder)
            #expect(result.imageFailed == "corrupt_image", "tile \(index): \(result.report)")
        }
    }

    @Test("An overlay, an identity image and an image of another codec are refused by name")
    func unsupported() throws {
        let same = HEIFMaker.Item(
            kind: "iden", properties: [HEIFMaker.size(64, 64)], references: [("dimg", [2])])
        let overlay = HEIFMaker.Item(
            kind: "iovl", properties: [HEIFMaker.size(64, 64)],
            data: [0, 0] + Array(repeating: 255, count: 8) + [0, 64, 0, 64, 0, 0, 0, 0],
            references: [("dimg", [2])])
        var other = tiles[0]
        other.kind = "vvc1"
        for items in [[same, tiles[0]], [overlay, tiles[0]], [other]] {
            let path = try Photos.write(maker.file(items), to: folder.file("other.avif"))
            let result = try Resizer.render(path, as: .avif, in: folder)
            #expect(result.imageFailed == "unsupported_image", "\(items[0].kind) \(result.report)")
        }
    }
}
