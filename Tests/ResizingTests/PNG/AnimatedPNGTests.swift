import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// Animations in PNG (third edition, section 4.10).
@Suite struct AnimatedPNGTests {
    let folder = TemporaryFolder()
    private static let still = TestImage(30, 20) { _, _ in [210, 30, 30] }

    /// - Parameter isStillShown: whether the still is the first frame.
    private func file(
        isStillShown: Bool, _ width: Int, _ height: Int, at left: Int = 0, _ top: Int = 0,
        pieces: Int = 1
    ) -> [UInt8] {
        func control(_ number: Int, _ numbers: [Int]) -> (String, [UInt8]) {
            (
                "fcTL",
                ([number] + numbers).flatMap { HEIFMaker.number($0, 4) } + [0, 1, 0, 10, 0, 0]
            )
        }
        let frame = TestImage(width, height) { _, _ in [20, 160, 60] }
        var data: [UInt8] = []
        for chunk in PNGFile.Chunks(frame.png()) where chunk.name == "IDAT" {
            data += frame.png()[chunk.data]
        }
        var chunks = [("acTL", HEIFMaker.number(isStillShown ? 2 : 1, 4) + HEIFMaker.number(0, 4))]
        if isStillShown { chunks.append(control(0, [30, 20, 0, 0])) }
        let bytes = Self.still.png(chunks)
        // Before IEND.
        var file = Array(bytes.dropLast(12))
        let (name, content) = control(1, [width, height, left, top])
        PNGFile.append(name, content[...], to: &file)
        let step = data.count / pieces + 1
        for (index, start) in stride(from: 0, to: data.count, by: step).enumerated() {
            let piece = data[start..<min(data.count, start + step)]
            PNGFile.append("fdAT", (HEIFMaker.number(2 + index, 4) + piece)[...], to: &file)
        }
        PNGFile.append("IEND", [], to: &file)
        return file
    }

    @Test("The first frame is shown, and not a still that is no part of the animation")
    func hidden() throws {
        for pieces in [1, 3] {
            let bytes = file(isStillShown: false, 30, 20, pieces: pieces)
            let decoded = try Decoded(bytes, as: .png, in: folder)
            #expect(decoded.width == 30 && decoded.height == 20 && decoded.bands == 3)
            #expect(decoded[15, 10] == [20, 160, 60])
        }
    }

    @Test("A first frame at a place is shown there; the rest is transparent")
    func placed() throws {
        let bytes = file(isStillShown: false, 10, 6, at: 12, 9)
        let decoded = try Decoded(bytes, as: .png, in: folder)
        #expect(decoded.width == 30 && decoded.height == 20 && decoded.bands == 4)
        #expect(decoded[12, 9] == [20, 160, 60, 255] && decoded[21, 14] == [20, 160, 60, 255])
        for (x, y) in [(11, 9), (12, 8), (22, 14), (21, 15), (0, 0)] {
            #expect(decoded[x, y][3] == 0)
        }
    }

    @Test("A still that is the first frame is shown")
    func shown() throws {
        let decoded = try Decoded(file(isStillShown: true, 30, 20), as: .png, in: folder)
        #expect(decoded[15, 10] == [210, 30, 30] && decoded.bands == 3)
    }

    @Test("A canvas that is larger than any PNG is refused", arguments: [0x7FFF_FFFF, 0xFFFF_FFFF])
    func largeCanvas(_ width: Int) throws {
        var bytes = file(isStillShown: false, 10, 6, at: 12, 9)
        var header: [UInt8] = []
        PNGFile.append(
            "IHDR", (HEIFMaker.number(width, 4) + bytes[20..<29])[...], to: &header)
        bytes.replaceSubrange(8..<33, with: header)
        let path = try Photos.write(bytes, to: folder.file("large.png"))
        #expect(try Resizer.render(path, as: .png, in: folder).imageFailed != nil)
    }

    @Test("A frame outside of the image is ignored, and one that is cut off is damaged")
    func invalid() throws {
        let outside = try Decoded(
            file(isStillShown: false, 20, 20, at: 15, 0), as: .png, in: folder)
        #expect(outside[15, 10] == [210, 30, 30])
        let bytes = file(isStillShown: false, 30, 20)
        let cut = try Photos.write(bytes.dropLast(500), to: folder.file("cut.png"))
        #expect(try Resizer.render(cut, as: .png, in: folder).imageFailed == "corrupt_image")
    }
}
