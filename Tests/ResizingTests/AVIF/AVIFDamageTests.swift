import CVips
import Foundation
import Model
import Support
import Testing

@testable import Resizing

/// AVIF files that are cut off, or that could show memory instead of pixels.
@Suite struct AVIFDamageTests {
    let folder = TemporaryFolder()

    enum Kind: String, CaseIterable {
        case still, deepAlpha, grid, animation

        func file(in folder: TemporaryFolder) throws -> [UInt8] {
            let pngs = try (0..<4).map { index in
                try TestImage(64, 64, bands: 4) { x, y in
                    [4 * x, (x * y + 50 * index) % 256, 255 - 3 * y, 255 - 2 * x]
                }.write("frame-\(index).png", in: folder)
            }
            switch self {
            case .still:
                let plain = try TestImage(90, 70) { x, y in [2 * x, 3 * y, x * y % 256] }
                    .write("plain.png", in: folder)
                return try AVIFEncoder.file(plain, options: ["-y", "420"], in: folder)
            case .deepAlpha:
                return try AVIFEncoder.file(pngs[0], options: ["-d", "10"], in: folder)
            case .grid:
                let path = folder.file("grid.avif")
                try Shell.check("avifenc", ["-s", "10", "-g", "2x2"] + pngs + ["-o", path])
                return try Photos.bytes(of: path)
            case .animation:
                return try AVIFEncoder.animation(pngs, delays: [5, 6, 7, 8], in: folder)
            }
        }
    }

    @Test("A file that is cut off is damaged, wherever it is cut", arguments: Kind.allCases)
    func cut(_ kind: Kind) throws {
        let whole = try kind.file(in: folder)
        let intact = try render(whole)
        #expect(intact.rendering != nil, "\(intact.report)")
        for part in (1..<20).map({ whole.count * $0 / 20 }) + [whole.count - 1] {
            let result = try render(Array(whole[..<part]))
            #expect(
                result.imageFailed == "corrupt_image", "\(part) of \(whole.count): \(result.report)"
            )
        }
    }

    @Test("Pixels never depend on the memory into which they are decoded", arguments: Kind.allCases)
    func filled(_ kind: Kind) throws {
        let whole = try kind.file(in: folder)
        try expectSameInAnyMemory(whole, kind.rawValue)
        for seed in Fuzz.seeds(40) {
            var numbers = SeededNumbers(seed)
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                let position = Int.random(in: 0..<bytes.count, using: &numbers)
                bytes[position] = UInt8.random(in: 0...255, using: &numbers)
            }
            try expectSameInAnyMemory(bytes, "seed \(seed)")
        }
    }

    @Test("Known files have the same pixels in any memory, or are refused")
    func knownFiles() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: CorpusFiles.folder)
        for name in files where name.hasSuffix("avif") {
            try expectSameInAnyMemory(try Photos.bytes(of: CorpusFiles.path(name)), name)
        }
        let memory = "\(Programs.projectFolder)/Tests/ResizingTests/Memory/hole.avif"
        try expectSameInAnyMemory(try Photos.bytes(of: memory), "hole.avif")
    }

    @Test("A stream with far more pixels than its file declares is refused before it takes memory")
    func largeStream() throws {
        let black = folder.file("black.png")
        try Photos.vips(["black", black, "1024", "1024"])
        let file = try AVIFEncoder.file(black, options: ["-y", "420"], in: folder)
        var coded = try HEIFMaker.items(of: file, in: folder).colour
        coded.properties[0] = HEIFMaker.size(64, 64)
        let maker = HEIFMaker(.avif, coded, side: 64)
        // libavif would scale such a stream to the declared size.
        for bytes in [maker.file([coded]), maker.grid(128, 128)] {
            let result = try render(bytes)
            #expect(result.imageFailed == "corrupt_image", "\(result.report)")
        }
        coded.properties[0] = HEIFMaker.size(512, 512)
        let larger = try render(maker.file([coded]))
        #expect(larger.rendering != nil, "\(larger.report)")
    }

    @Test("A file without one of the boxes about its items is damaged, not of another kind")
    func missingBoxes() throws {
        let file = try Kind.still.file(in: folder)
        for kind in ["pitm", "iloc", "iinf", "av1C"] {
            var bytes = file
            let place = try #require(bytes.firstRange(of: Array(kind.utf8)))
            bytes.replaceSubrange(place, with: "none".utf8)
            #expect(try render(bytes).imageFailed == "corrupt_image", "\(kind)")
        }
    }

    @Test("The limits apply to the pixels that are decoded, not to the part that is shown")
    func croppedBelowLimit() throws {
        let picture = try TestImage(200, 160) { x, _ in [x, 90, 40] }
            .write("whole.png", in: folder)
        let bytes = try AVIFEncoder.file(
            picture, options: ["-y", "444", "--crop", "10,10,20,20"], in: folder)
        let path = try Photos.write(bytes, to: folder.file("cropped.avif"))
        func code(_ change: (inout RenderLimits) -> Void) throws -> String? {
            var limits = Resizer.limits
            change(&limits)
            return try Resizer.render(path, as: .avif, limits: limits, in: folder).imageFailed
        }
        #expect(try code { $0.pixels = 200 * 160 } == nil)
        #expect(try code { $0.pixels = 200 * 160 - 1 } == "too_many_pixels")
        #expect(try code { $0.side = 199 } == "side_too_long")
    }

    private func render(_ bytes: [UInt8]) throws -> Resizer.Result {
        let path = try Photos.write(bytes, to: folder.file("file.avif"))
        return try Resizer.render(path, as: .avif, preset: DamageTests.preset, in: folder)
    }

    /// Renders in memory that is filled with one byte and then another (mallopt(3), M_PERTURB).
    private func expectSameInAnyMemory(_ bytes: [UInt8], _ what: String) throws {
        var seen: Set<[UInt8]> = []
        for fill: Int32 in [0x85, 0xFF] {
            mallopt(M_PERTURB, fill)
            let result = try render(bytes)
            guard result.rendering != nil else {
                seen.insert(Array("\(result.report)".utf8))
                continue
            }
            seen.insert(try Photos.bytes(of: result.path("thumbnail")))
        }
        #expect(seen.count == 1, "\(what)")
    }
}
