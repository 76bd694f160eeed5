import Foundation
import Model
import Support
import Testing

@testable import Resizing

@Suite struct HEIFGeometryTests {
    typealias Items = [HEIFMaker.Item]
    let folder = TemporaryFolder()

    @Test(
        "A grid that its tiles cover is rendered, also with its right and lower edges cropped")
    func covered() throws {
        let maker = try HEIFMaker(.heic, side: 64, in: folder)
        for (width, height) in [(128, 128), (100, 90), (65, 65)] {
            let result = try render(maker.grid(width, height))
            #expect(result.rendering?.pixels == PixelSize(width: width, height: height))
        }
        let turned = maker.grid(100, 90) { $0[0].properties.append(HEIFMaker.turn(1)) }
        #expect(
            try render(turned).rendering?.pixels == PixelSize(width: 90, height: 100))
        // A rotation by 0 degrees is none.
        let unturned = maker.grid(100, 90) { $0[1].properties.append(HEIFMaker.turn(0)) }
        #expect(try render(unturned).rendering != nil)
    }

    @Test("A phone photo with 48 tiles of 512 x 512 pixels is rendered")
    func phone() throws {
        let maker = try HEIFMaker(.heic, side: 512, in: folder)
        let result = try render(maker.grid(rows: 6, columns: 8, 4032, 3024))
        #expect(result.rendering?.pixels == PixelSize(width: 4032, height: 3024))
    }

    @Test("Images with alpha, identity images and overlays are rendered")
    func whole() throws {
        let maker = try HEIFMaker(.heic, side: 64, in: folder)
        var alpha = maker.coded
        alpha.properties.append(HEIFMaker.isAlpha)
        alpha.references = [("auxl", [1])]
        #expect(try render(maker.file([maker.coded, alpha])).rendering != nil)
        let same = HEIFMaker.Item(
            kind: "iden", properties: [HEIFMaker.size(64, 64)], references: [("dimg", [2])])
        #expect(try render(maker.file([same, maker.coded])).rendering != nil)
        let overlay = HEIFMaker.Item(
            kind: "iovl", properties: [HEIFMaker.size(200, 100)],
            data: [0, 0] + Array(repeating: 255, count: 8) + [0, 200, 0, 100, 0, 9, 0, 9],
            references: [("dimg", [2])])
        #expect(try render(maker.file([overlay, maker.coded])).rendering != nil)
    }

    @Test("A part of an overlay may extend over its edge, but must not begin outside of it")
    func overlays() throws {
        let maker = try HEIFMaker(.heic, side: 64, in: folder)
        func overlay(_ left: Int, _ top: Int) throws -> Resizer.Result {
            let overlay = HEIFMaker.Item(
                kind: "iovl", properties: [HEIFMaker.size(200, 100)],
                data: [0, 0] + Array(repeating: 255, count: 8) + [0, 200, 0, 100]
                    + HEIFMaker.number(left, 2) + HEIFMaker.number(top, 2),
                references: [("dimg", [2])])
            return try render(maker.file([overlay, maker.coded]))
        }
        #expect(try overlay(190, 90).rendering != nil)
        for (left, top) in [(-20, 0), (0, -9), (200, 0), (0, 100), (-32_768, 0), (-64, -64)] {
            #expect(try overlay(left, top).imageFailed == "corrupt_image", "\(left), \(top)")
        }
    }

    @Test("An overlay with a size that no image has is damaged")
    func hugeOverlay() throws {
        let maker = try HEIFMaker(.heic, side: 64, in: folder)
        let side = 0xFFFF_FFFF
        let overlay = HEIFMaker.Item(
            kind: "iovl", properties: [HEIFMaker.size(side, side)],
            data: [0, 1] + Array(repeating: 255, count: 8) + HEIFMaker.number(side, 4)
                + HEIFMaker.number(side, 4) + HEIFMaker.number(0, 4) + HEIFMaker.number(0, 4),
            references: [("dimg", [2])])
        let bytes = maker.file([overlay, maker.coded])
        let resizer = try ResizerProcess(in: folder)
        #expect(try resizer.render(bytes, as: .heic).imageFailed != nil)
        #expect(try resizer.render(maker.file([maker.coded]), as: .heic).rendering != nil)
    }

    @Test(
        "A primary image that is a thumbnail or the alpha of a grid with holes is refused")
    func hiddenHoles() throws {
        let maker = try HEIFMaker(.heic, side: 64, in: folder)
        let hole = HEIFMaker.Item(
            kind: "grid", properties: [HEIFMaker.size(512, 512)],
            data: [0, 0, 0, 1, 2, 0, 2, 0], references: [("dimg", [3, 3])])
        for kind in ["thmb", "auxl"] {
            var primary = maker.coded
            primary.properties.append(HEIFMaker.isAlpha)
            primary.references = [(kind, [2])]
            let result = try render(maker.file([primary, hole, maker.coded]))
            #expect(result.imageFailed == "corrupt_image", "\(kind)")
        }
    }

    @Test("A file that leaves pixels undefined is refused as damaged")
    func holes() throws {
        let maker = try HEIFMaker(.heic, side: 64, in: folder)
        let small = maker.coded
        let size = HEIFMaker.size
        var files: [(what: String, bytes: [UInt8])] = [
            ("too wide", maker.grid(129, 128)), ("too high", maker.grid(128, 129)),
            ("a column too many", maker.grid(64, 128)), ("a row too many", maker.grid(128, 64)),
        ]
        func add(_ what: String, _ change: (inout Items) -> Void) {
            files.append((what, maker.grid(128, 128, change: change)))
        }
        add("a tile too few") { $0[0].references = [("dimg", [2, 2, 2])] }
        add("a tile that is not there") { $0[0].references = [("dimg", [2, 2, 2, 7])] }
        add("two lists of tiles") { $0[0].references.append(("dimg", [2, 2, 2, 2])) }
        add("a grid of another size") { $0[0].properties = [size(256, 256)] }
        add("a tile without a size") { $0[1].properties.removeFirst() }
        add("a tile of two sizes") { $0[1].properties.insert(size(64, 64), at: 0) }
        add("a turned tile") { $0[1].properties.append(HEIFMaker.turn(1)) }
        add("a mirrored tile") { $0[1].properties.append(HEIFMaker.box("imir", [0])) }
        add("a tile without data") { $0[1].data = [] }
        add("a tile that is a grid") { $0[1] = $0[0] }
        add("a grid of itself") { $0[0].references = [("dimg", [1, 1, 1, 1])] }
        files.append(
            (
                "a tile that claims more than it is",
                maker.grid(256, 256) { $0[1].properties[0] = size(128, 128) }
            ))
        files.append(
            (
                "tiles of two sizes",
                maker.grid(192, 128) { items in
                    var other = small
                    other.properties[0] = size(128, 64)
                    items.append(other)
                    items[0].references = [("dimg", [2, 3, 2, 3])]
                }
            ))
        for (what, shown) in [("alpha that claims more than it is", 128), ("small alpha", 64)] {
            var alpha = small
            alpha.properties[0] = size(shown, shown)
            alpha.properties.append(HEIFMaker.isAlpha)
            alpha.references = [("auxl", [1])]
            if what == "small alpha" {
                alpha.properties += [HEIFMaker.box("clap", crop(128))]
            }
            files.append((what, maker.grid(128, 128) { $0.append(alpha) }))
        }
        for (what, bytes) in files {
            #expect(try render(bytes).imageFailed == "corrupt_image", "\(what)")
        }
    }

    @Test(
        "Known files that exposed another account's memory are refused",
        arguments: ["hole.heic", "one-small-tile.heic"])
    func known(_ name: String) throws {
        let path = "\(Programs.projectFolder)/Tests/ResizingTests/Memory/\(name)"
        #expect(try Resizer.render(path, as: .heic, in: folder).imageFailed == "corrupt_image")
    }

    /// 16,384 x 16,384 pixels in 508 bytes, declared as 64 x 64, or cropped to 8 x 8.
    @Test(
        "A stream with far more pixels than its file declares is refused before it is decoded",
        arguments: ["large-stream.heic", "large-stream-cropped.heic"])
    func largeStream(_ name: String) throws {
        let bytes = try Photos.bytes(
            of: "\(Programs.projectFolder)/Tests/ResizingTests/Memory/\(name)")
        let resizer = try ResizerProcess(in: folder)
        #expect(try resizer.render(bytes, as: .heic).imageFailed == "corrupt_image")
    }

    @Test("A stream may decode to the largest accepted image, rounded up to whole blocks")
    func decodedSize() throws {
        func isTaken(_ width: Int, _ height: Int) -> Bool {
            let image = CodedImage(
                pixels: PixelSize(width: 8, height: 8),
                decoded: PixelSize(width: width, height: height), depth: 8,
                isSubsampled: true)
            return (try? image.check(Resizer.limits)) != nil
        }
        #expect(isTaken(64, 64) && isTaken(8, 8))
        #expect(isTaken(10_048, 10_048) && isTaken(16_384, 6144))
        #expect(!isTaken(10_240, 10_240) && !isTaken(16_512, 64))
        #expect(!isTaken(1 << 32, 1 << 32) && !isTaken(1 << 32, 8))
    }

    @Test("A small file that expands to much data is refused before it fills the memory")
    func bombs() throws {
        let maker = try HEIFMaker(.heic, side: 64, in: folder)
        let many = HEIFMaker.Item(kind: "free", properties: [])
        let files = [
            maker.file([maker.coded] + Array(repeating: many, count: HEIFMeta.limit)),
            Array(repeating: HEIFMaker.box("free", []), count: HEIFMeta.limit + 1).flatMap { $0 }
                + maker.file([maker.coded]),
        ]
        for (number, bytes) in files.enumerated() {
            let path = try Photos.write(bytes, to: folder.file("\(number).heic"))
            #expect(throws: MalformedHEIF.self, "\(number)") { _ = try HEIFFile(opening: path) }
        }
        // Tiles of 16 MB each that all share the same data.
        var large = maker.coded
        large.data += Array(repeating: 0, count: 16 << 20)
        var file = try HEIFFile(
            opening: try Photos.write(maker.file([large]), to: folder.file("large.heic")))
        let item = try file.item(1)
        for _ in 0..<7 { _ = try file.data(of: item) }
        #expect(throws: MalformedHEIF.self) { for _ in 0..<2 { _ = try file.data(of: item) } }
    }

    @Test("A file with changed bytes is read or refused, and never causes another error")
    func fuzzNoise() throws {
        let maker = try HEIFMaker(.heic, side: 64, in: folder)
        var alpha = maker.coded
        alpha.properties.append(HEIFMaker.isAlpha)
        alpha.references = [("auxl", [1])]
        let whole = maker.grid(100, 90) { $0.append(alpha) }
        for seed in Fuzz.seeds(500) {
            var numbers = SeededNumbers(seed)
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                let position = Int.random(in: 0..<bytes.count, using: &numbers)
                bytes[position] = [
                    0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &numbers),
                ]
                .randomElement(using: &numbers)!  // `!` because the array is not empty
            }
            if Bool.random(using: &numbers) {
                bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &numbers)))
            }
            let path = try Photos.write(bytes, to: folder.file("noisy.heif"))
            do throws(RenderError) {
                _ = try HEIFGeometry.checkCoverage(in: path, within: Resizer.limits)
            } catch {
                guard case .imageFailed = error.report else {
                    Issue.record("seed \(seed): \(error.message)")
                    continue
                }
            }
        }
    }

    /// A clean aperture (`clap`): a centred square with this side.
    private func crop(_ side: Int) -> [UInt8] {
        [side, 1, side, 1, 0, 1, 0, 1].flatMap { HEIFMaker.number($0, 4) }
    }

    private func render(_ bytes: [UInt8]) throws -> Resizer.Result {
        let path = try Photos.write(bytes, to: folder.file("\(UUID().uuidString).heif"))
        return try Resizer.render(path, as: .heic, fit: .inside, in: folder)
    }
}
