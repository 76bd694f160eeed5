import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// Ways to write the same items in boxes that libavif 0.11 refuses or misreads.
@Suite struct AVIFContainerTests {
    let folder = TemporaryFolder()
    private let colour: HEIFMaker.Item
    private let alpha: HEIFMaker.Item

    init() throws {
        let image = TestImage(64, 64, bands: 4) { x, y in [4 * x, 4 * y, 90, 255 - 2 * x] }
        let file = try AVIFEncoder.file(
            image.write("gradient.png", in: folder), options: AVIFEncoder.lossless, in: folder)
        let items = try HEIFMaker.items(of: file, in: folder)
        (colour, alpha) = (items.colour, try #require(items.alpha))
    }

    @Test(
        "The lists of properties may be several boxes in any order, and the last box may be open",
        arguments: [false, true], [false, true])
    func layouts(_ isDataOutside: Bool, _ isLastOpen: Bool) throws {
        var turned = colour
        turned.properties.append(HEIFMaker.turn(1))
        let items = [turned, alpha, colour]
        let maker = HEIFMaker(.avif, colour, side: 64)
        let wanted = try pixels(maker.file(items))
        for lists in [
            [[1, 2, 3]], [[1], [2, 3]], [[2], [1], [3]], [[3], [1, 2]], [[3, 2, 1]],
        ] {
            let layout = HEIFMaker.Layout(
                lists: lists, isDataOutside: isDataOutside, isLastOpen: isLastOpen)
            #expect(try pixels(maker.file(items, layout)) == wanted, "\(lists)")
        }
    }

    @Test("The last box inside of another one may be open too")
    func openInside() throws {
        let maker = HEIFMaker(.avif, colour, side: 64)
        var bytes = maker.file([colour, alpha])
        let wanted = try pixels(bytes)
        let data = try #require(MediaBoxes(bytes).start(of: "meta/idat"))
        bytes.replaceSubrange(data..<data + 4, with: [0, 0, 0, 0])
        #expect(try pixels(bytes) == wanted)
    }

    @Test("Boxes that mean nothing to us do not matter, wherever they are")
    func unknown() throws {
        let maker = HEIFMaker(.avif, colour, side: 64)
        let wanted = try pixels(maker.file([colour, alpha]))
        let more = HEIFMaker.box("abcd", [1, 2, 3]) + HEIFMaker.box("grpl", [])
        let layout = HEIFMaker.Layout(lists: [[2], [1]], isDataOutside: true, more: more)
        #expect(try pixels(maker.file([colour, alpha], layout)) == wanted)
        #expect(
            try pixels(maker.file([colour, alpha], layout) + HEIFMaker.box("free", [9])) == wanted)
    }

    @Test("Normalizing keeps the length of the file and the place of its data")
    func offsets() throws {
        let maker = HEIFMaker(.avif, colour, side: 64)
        let layout = HEIFMaker.Layout(lists: [[1], [2]], isDataOutside: true)
        let bytes = maker.file([colour, alpha], layout)
        var container = AVIFContainer(bytes)
        container.normalize()
        #expect(container.bytes.count == bytes.count && container.bytes != bytes)
        let (old, new) = (try MediaBoxes(bytes), try MediaBoxes(container.bytes))
        #expect(old.start(of: "mdat") == new.start(of: "mdat"))
        #expect(old.box("mdat") == new.box("mdat"))
        #expect(new.boxes("meta/iprp/ipma").count == 1 && old.boxes("meta/iprp/ipma").count == 2)
        var again = container
        again.normalize()
        #expect(again.bytes == container.bytes)
    }

    @Test("Changed bytes are read or refused, and never cause another error")
    func fuzzNoise() throws {
        let maker = HEIFMaker(.avif, colour, side: 64)
        let files = [
            maker.file([colour, alpha], .init(lists: [[2], [1]], isDataOutside: true)),
            maker.grid(100, 90),
        ]
        for seed in Fuzz.seeds(300) {
            var numbers = SeededNumbers(seed)
            var bytes = files[Int(seed % 2)]
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                let position = Int.random(in: 0..<bytes.count, using: &numbers)
                bytes[position] = UInt8.random(in: 0...255, using: &numbers)
            }
            if Bool.random(using: &numbers) {
                bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &numbers)))
            }
            let path = try Photos.write(bytes, to: folder.file("noisy.avif"))
            let result = try Resizer.render(
                path, as: .avif, preset: DamageTests.preset, in: folder)
            #expect(
                result.rendering != nil || result.imageFailed != nil,
                "seed \(seed): \(result.report)")
        }
    }

    private func pixels(_ bytes: [UInt8]) throws -> [[Int]] {
        let decoded = try Decoded(bytes, as: .avif, in: folder)
        return (0..<decoded.height).flatMap { y in
            [[decoded.width]] + (0..<decoded.width).map { decoded[$0, y] }
        }
    }
}
